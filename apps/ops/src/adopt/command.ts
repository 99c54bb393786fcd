import { adoptStaging } from '@pixdock/shared/state/epoch';
import { stagingAt } from '@pixdock/shared/state/folder-staging/open-staging';
import { say } from '../messages/common.js';
import { openRedis } from '../open-redis.js';
import { type Context, EXIT, type ExitCode } from '../run-command.js';
import { expectStaging } from '../services.js';

/** `pixdock-ops adopt`: makes Redis belong to the staging of this DATA_DIR. */
export async function adopt(context: Context): Promise<ExitCode> {
  using opened = await openRedis(context);
  const { redis, prefix, dataDir } = opened;
  await expectStaging(dataDir);
  const { place } = await adoptStaging(redis, prefix, stagingAt(dataDir));
  context.output.out(say(context.language, 'adopted', { place }));
  return EXIT.ok;
}
