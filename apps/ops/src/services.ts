import { openObjectStore } from '@pixdock/object-store/open';
import { readStoreSettings, type StoreSettings } from '@pixdock/object-store/settings';
import { type StagingOfSettings, stagingOf } from '@pixdock/object-store/staging';
import { readStagingSettings, type StagingSettings } from '@pixdock/object-store/staging-settings';
import type { ObjectStore } from '@pixdock/object-store/types';
import { openQueue } from '@pixdock/shared/queue/queue';
import { openQueueView, type QueueView } from '@pixdock/shared/queue/queue-view';
import { setRedisTime } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { createLog } from '@pixdock/shared/runtime/log';
import { type MetadataKeys, readMetadataKeys } from '@pixdock/shared/runtime/metadata-keys';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { type CommonSettings, readCommonSettings } from '@pixdock/shared/runtime/settings';
import type { Epoch } from '@pixdock/shared/state/epoch';
import { openIdempotency } from '@pixdock/shared/state/idempotency/idempotency';
import { openState } from '@pixdock/shared/state/open-state';
import type { RestoreParts } from '@pixdock/shared/state/restore/restore-parts';
import { text } from './messages/common.js';
import { reachRedis } from './open-redis.js';
import { CannotRun, type Context } from './run-command.js';

interface OpsConfig extends CommonSettings {
  metadataKeys: MetadataKeys;
  store: StoreSettings;
  staging: StagingSettings;
}

/** Redis, staging and the bucket, opened while the services run. */
export interface Services extends RestoreParts, AsyncDisposable {
  config: OpsConfig;
  redis: RedisConnection;
  view: QueueView;
  store: ObjectStore;
  epoch: Epoch;
  /** Whether the API has restored this Redis: it was neither emptied nor replaced since. */
  isRedisKnown: boolean;
}

/** @throws SettingsError, StartFault, CannotRun */
export async function openServices({ environment, output: { err }, language }: Context): Promise<Services> {
  const config = readSettings(
    environment,
    (read) => {
      const common = readCommonSettings(read);
      const store = readStoreSettings(read, common.profiles);
      return {
        ...common,
        metadataKeys: readMetadataKeys(read),
        store,
        staging: readStagingSettings(read, store),
      };
    },
    language,
  );
  const { prefix } = config.redis;
  for (const warning of config.store.warnings) err(`! ${warning}`);
  const unopened = await existingStaging(config.staging);
  const redis = await reachRedis(config.redis);
  try {
    const staging = await unopened.open();
    const { epoch, images, batches } = openState(redis, prefix, staging);
    setRedisTime(await epoch.time());
    const queue = openQueue(redis, prefix);
    const view = openQueueView(redis, prefix);
    const store = openObjectStore(config.store);
    return {
      config,
      redis,
      staging,
      queue,
      view,
      store,
      epoch,
      images,
      batches,
      idempotency: openIdempotency(redis, prefix),
      // stdout is for results.
      log: createLog('pixdock-ops', {
        level: 'error',
        destination: { write: (line) => err(line.trimEnd()) },
      }),
      isRedisKnown: await epoch.isRestored(),
      async [Symbol.asyncDispose]() {
        setRedisTime(null);
        await queue.close();
        await view.close();
        redis.disconnect();
        store.stop();
      },
    };
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

/** The staging of these settings. With a wrong DATA_DIR, everything staged would look lost. @throws StartFault, CannotRun if it does not exist */
export async function existingStaging(settings: StagingSettings): Promise<StagingOfSettings> {
  const staging = stagingOf(settings);
  if (await staging.exists()) return staging;
  throw new CannotRun(text('staging-missing', staging), text('staging-missing.fix'));
}
