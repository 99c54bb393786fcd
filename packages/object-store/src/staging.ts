import type { Logger } from '@pixdock/shared/runtime/log';
import { StartFault } from '@pixdock/shared/runtime/start-fault';
import { openStaging, stagingAt } from '@pixdock/shared/state/folder-staging/open-staging';
import type { Staging, UnopenedStaging } from '@pixdock/shared/state/staging';
import { text } from './messages/settings.js';
import type { StagingSettings } from './staging-settings.js';

/** A staging that may not exist; `open` creates it. */
export interface StagingOfSettings extends UnopenedStaging {
  /** @param log for failures to remove files that are not accepted */
  open(log?: Logger): Promise<Staging>;
}

/** The staging of these settings: a folder or a bucket. @throws StartFault */
export function stagingOf(settings: StagingSettings): StagingOfSettings {
  if (settings.kind === 'bucket')
    throw new StartFault(
      'STAGING_URL',
      text('staging-bucket-unsupported'),
      text('staging-bucket-unsupported.fix'),
    );
  const { dataDir } = settings;
  return { ...stagingAt(dataDir), open: (log) => openStaging(dataDir, log) };
}
