import { openQueue } from '@pixdock/shared/queue/queue';
import { openPause, type Pause } from '@pixdock/shared/state/pause';
import { say } from '../messages/common.js';
import { openRedis } from '../open-redis.js';
import { type Context, EXIT, type ExitCode } from '../run-command.js';
import { existingStaging } from '../services.js';

/** `pixdock-ops pause`: lets the workers of the installation begin no further image. */
export async function pause(context: Context): Promise<ExitCode> {
  await using installation = await openProcessing(context);
  const since = await installation.processing.begin();
  context.output.out(say(context.language, 'paused', { since }));
  return EXIT.ok;
}

/** `pixdock-ops resume` */
export async function resume(context: Context): Promise<ExitCode> {
  await using installation = await openProcessing(context);
  const wasPaused = await installation.processing.end();
  context.output.out(say(context.language, wasPaused ? 'resumed' : 'not-paused'));
  return EXIT.ok;
}

async function openProcessing(context: Context): Promise<AsyncDisposable & { processing: Pause }> {
  await using opened = new AsyncDisposableStack();
  const { redis, prefix, staging } = opened.use(await openRedis(context));
  const { notes } = await existingStaging(staging);
  const queue = openQueue(redis, prefix);
  opened.defer(() => queue.close());
  const processing = openPause(redis, prefix, notes, queue);
  const remaining = opened.move();
  return { processing, [Symbol.asyncDispose]: () => remaining.disposeAsync() };
}
