import { once } from 'node:events';
import { join } from 'node:path';
import { START } from '../messages/start.mjs';
import { announceUse } from './announce.mjs';
import { makeDataDir } from './data-dir.mjs';
import { ensureWorkspace } from './ensure-workspace.mjs';
import { lockFolder } from './lock.mjs';
import { ROOT } from './root.mjs';
import { complain, Problem, say, speak } from './say.mjs';
import { createService } from './service.mjs';
import { checkSettings, dataDirOf, readEnvironment } from './settings.mjs';
import { makeTie } from './spawn-tied.mjs';
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
export async function launch({ mains = MAINS, prepare = ensureWorkspace, check = checkSettings } = {}) {
  const { stop, force } = listenForStop();
  try {
    // Paths in settings are relative to the checkout.
    process.chdir(ROOT);
    const settings = readEnvironment(ROOT, process.env);
    speak(settings);
    const dataDir = dataDirOf(ROOT, settings);
    makeDataDir(dataDir);
    const lock = await lockFolder(dataDir);
    process.once('exit', lock.release);
    // Before the release: the next start announces itself in the same file.
    process.prependOnceListener('exit', announceUse(dataDir));
    await prepare({ root: ROOT, signal: stop });
    const tie = await makeTie(`${lock.path}.tie`);
    return await run({ dataDir, mains, settings, check, lock, tie }, stop, force);
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    // Errors of the system (disk full, too many files) need no stack.
    complain(error instanceof Problem || 'syscall' in error ? error.message : error.stack);
    return error.exitCode ?? 1;
  }
}

/** @throws Interrupted after a stop before everything runs; the Problem of a service that does not start or keeps ending. */
async function run(context, stop, force) {
  const services = [];
  const failure = new AbortController();
  const signal = AbortSignal.any([stop, failure.signal]);
  signal.throwIfAborted();
  const fail = (error) => failure.abort(error);
  /** Resolves to what the service reports once it is ready. */
  const start = (spec) => {
    signal.throwIfAborted();
    const service = createService(spec);
    services.push(service);
    return service.start(fail);
  };
  let isRunning = false;
  say(START.starting());
  const started = startServices(start, { ...context, signal }).then((facts) => {
    isRunning = !signal.aborted;
    if (isRunning) say(summaryBlock(facts));
  }, fail);
  await once(signal, 'abort');
  if (isRunning || stop.aborted) say(START.stopping());
  force.addEventListener('abort', () => services.forEach((service) => service.kill()));
  // Redis last.
  for (const service of services.toReversed()) await service.stop();
  await started;
  if (stop.aborted) say(START.stopped());
  if (isRunning && signal.reason instanceof Interrupted) return 0;
  throw signal.reason;
}
