import { adoptStaging } from '@pixdock/shared/state/epoch';
import { say } from '../messages/common.js';
import { openRedis } from '../open-redis.js';
import { type Context, EXIT, type ExitCode } from '../run-command.js';
import { existingStaging } from '../services.js';

/** `pixdock-ops adopt`: makes Redis belong to the staging of the settings. */
export async function adopt(context: Context): Promise<ExitCode> {
  using opened = await openRedis(context);
  const { redis, prefix, staging } = opened;
  const { place } = await adoptStaging(redis, prefix, await existingStaging(staging));
  context.output.out(say(context.language, 'adopted', { place }));
  return EXIT.ok;
}
