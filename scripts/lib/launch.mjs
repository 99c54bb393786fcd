import { join } from 'node:path';
import { START } from '../messages/start.mjs';
import { announceUse } from './announce.mjs';
import { checkSettings } from './check-settings.mjs';
import { makeDataDir } from './data-dir.mjs';
import { ensureWorkspace } from './ensure-workspace.mjs';
import { dataDirOf, readEnvironment } from './environment.mjs';
import { lockFolder } from './lock.mjs';
import { wantsLocalOss } from './oss-settings.mjs';
import { ROOT } from './root.mjs';
import { complain, Problem, say } from './say.mjs';
import { makeTie } from './spawn-tied.mjs';
import { Stack } from './stack.mjs';
import { startServices } from './start-services.mjs';
import { Interrupted, listenForStop } from './stop-signals.mjs';
import { summaryBlock } from './summary-block.mjs';

const MAINS = {
  api: join(ROOT, 'apps/api/dist/main.js'),
  worker: join(ROOT, 'apps/worker/dist/main.js'),
  oss: join(ROOT, 'packages/oss-dev/dist/main.js'),
};

/**
 * `npm start`: sets up what is missing, runs all services until a stop signal and stops them in order.
 * @returns the exit code.
 */
export async function launch({
  root = ROOT,
  mains = MAINS,
  prepare = ensureWorkspace,
  check = checkSettings,
} = {}) {
  const { stop, force } = listenForStop();
  try {
    // Paths in settings are relative to the checkout.
    process.chdir(root);
    const settings = readEnvironment(root, process.env);
    wantsLocalOss(settings);
    const dataDir = dataDirOf(root, settings);
    makeDataDir(dataDir);
    const lock = await lockFolder(dataDir);
    let withdraw = () => {};
    try {
      withdraw = announceUse(dataDir);
      await prepare({ root, signal: stop });
      const context = { root, dataDir, check, lock, tie: await makeTie(lock.sockets) };
      return await run(context, { mains, settings, stop, force });
    } finally {
      withdraw();
      lock.release();
    }
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    // Errors of the system (disk full, too many files) need no stack.
    complain(error instanceof Problem || 'syscall' in error ? error.message : error.stack);
    return 1;
  }
}

async function run(context, { mains, settings, stop, force }) {
  const stack = new Stack();
  const signal = AbortSignal.any([stop, stack.gaveUp]);
  const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
  try {
    signal.throwIfAborted();
    say(START.starting());
    const started = startServices(stack, context, { mains, settings, signal });
    // After an abort its own error says nothing new.
    await Promise.race([started, ended.then(() => started.catch(() => {}))]);
    if (!signal.aborted) {
      say(summaryBlock(await started));
      await ended;
    }
    if (stack.gaveUp.aborted) throw stack.gaveUp.reason;
    return 0;
  } finally {
    if (!stack.isEmpty) say(START.stopping());
    await stack.stop(force);
    if (stop.aborted) say(START.stopped());
  }
}
