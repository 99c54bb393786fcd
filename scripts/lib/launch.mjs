import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeDataDir } from './data-dir.mjs';
import { lockDataDir } from './data-lock.mjs';
import { ensureWorkspace } from './ensure-workspace.mjs';
import { dataDirOf, readEnvironment } from './environment.mjs';
import { endLeftovers } from './leftovers.mjs';
import { wantsLocalOss } from './oss-settings.mjs';
import { Problem } from './problem.mjs';
import { ROOT } from './root.mjs';
import { complain, say } from './say.mjs';
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
 * `npm start`: sets up what is missing, runs everything until it is told to stop, stops everything in order.
 * @returns the exit code.
 */
export async function launch({ root = ROOT, mains = MAINS, prepare = ensureWorkspace } = {}) {
  const { stop, force } = listenForStop();
  try {
    const settings = readEnvironment(root, process.env);
    wantsLocalOss(settings);
    const dataDir = dataDirOf(root, settings);
    makeDataDir(dataDir);
    const lock = await lockDataDir(dataDir, endLeftovers);
    try {
      await prepare({ root, signal: stop });
      for (const main of Object.values(mains))
        if (!existsSync(main)) throw new Problem(`${main} is missing: its sources are not in this checkout.`);
      return await run({ root, dataDir, mains, settings, lock, stop, force });
    } finally {
      lock.release();
    }
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    // What the system refuses (disk full, too many files) is no fault of ours to show a stack for.
    complain(error instanceof Problem || 'syscall' in error ? error.message : error.stack);
    return 1;
  }
}

async function run({ root, dataDir, mains, settings, lock, stop, force }) {
  const stack = new Stack(lock);
  const end = AbortSignal.any([stop, stack.gaveUp]);
  const ended = new Promise((resolve) => end.addEventListener('abort', resolve));
  try {
    const started = startServices(stack, { root, dataDir, mains, settings, signal: end });
    // What is given up while it starts is told below.
    await Promise.race([started, ended]);
    if (!end.aborted) {
      say(summaryBlock(await started));
      await ended;
    } else started.catch(() => {});
    if (!stack.gaveUp.aborted) return 0;
    throw new Problem(stack.gaveUp.reason);
  } finally {
    if (!stack.isEmpty) say('Stopping …');
    await stack.stop(force);
    if (stop.aborted) say('Stopped.');
  }
}
