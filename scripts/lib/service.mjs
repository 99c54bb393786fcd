import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '../messages/services.mjs';
import { openLog, terminalLog, wordsOf } from './child-log.mjs';
import { complain, EXIT_CONFIG, inLanguage, Problem, SettingsProblem } from './say.mjs';
import { killGroup } from './spawn-tied.mjs';

/**
 * A child process that is restarted when it exits unexpectedly.
 * @param spec `spawn(logFd)` starts it with spawnTied; `ready(child, signal)` resolves when it serves; it has `stopMs` to
 *   stop; `quiet` keeps its warnings in the log file.
 */
export function createService(spec) {
  const { name, logPath, stopMs } = spec;
  const title = inLanguage(SERVICES[name]());
  const show = spec.quiet ? () => {} : terminalLog(name);
  const log = openLog(logPath, (line) => (isReady ? show(line) : linesBeforeReady.push(line)));
  const stopping = new AbortController();
  let child = null;
  let exited = null;
  let isReady = false;
  let linesBeforeReady = [];

  /** @throws Problem with the child's last lines when it ends before it is ready. */
  async function run() {
    isReady = false;
    linesBeforeReady = [];
    child = spec.spawn(log.fd);
    const ended = new AbortController();
    exited = once(child, 'exit').then(([code, signal]) => {
      ended.abort();
      log.finish();
      return { exit: describeExit(code, signal), Fault: code === EXIT_CONFIG ? SettingsProblem : Problem };
    });
    const died = exited.then(({ exit, Fault }) => {
      throw new Fault(SERVICES.notStarted({ title, exit }));
    });
    try {
      const info = await Promise.race([spec.ready(child, ended.signal), died]);
      isReady = true;
      log.read();
      for (const line of linesBeforeReady) show(line);
      return info;
    } catch (error) {
      kill();
      if (stopping.signal.aborted || !(error instanceof Problem)) throw error;
      const words = wordsOf(linesBeforeReady, 12);
      throw new error.constructor(error.message, words || inLanguage(SERVICES.seeLog({ logPath })));
    }
  }

  async function keepRunning(gaveUp) {
    const nextDelay = restartPolicy();
    const { signal } = stopping;
    for (;;) {
      const { exit, Fault } = await exited;
      if (signal.aborted) return;
      const delay = Fault === SettingsProblem ? null : nextDelay();
      const facts = { title, exit, logPath };
      if (delay === null) {
        const limits = { deaths: MAX_DEATHS, seconds: DEATHS_WITHIN_MS / 1000 };
        const reason =
          Fault === Problem ? SERVICES.givenUp({ ...facts, ...limits }) : SERVICES.notStarted(facts);
        gaveUp(new Fault(reason, wordsOf(linesBeforeReady, 5)));
        return;
      }
      complain(SERVICES.restarting({ ...facts, seconds: delay / 1000 }));
      await sleep(delay, undefined, { signal })
        .then(run)
        .then(() => complain(SERVICES.runsAgain({ title })))
        .catch(() => {});
    }
  }

  const isRunning = () => child !== null && child.exitCode === null && child.signalCode === null;

  function kill() {
    if (isRunning()) killGroup(child);
  }

  return {
    /**
     * Resolves to what `ready` returns.
     * @param gaveUp called with the reason when it later ends again and again.
     */
    async start(gaveUp) {
      const info = await run();
      void keepRunning(gaveUp);
      return info;
    },

    /** Sends SIGTERM, and SIGKILL when its time is over. */
    async stop() {
      stopping.abort();
      if (isRunning()) {
        child.kill('SIGTERM');
        const late = setTimeout(() => {
          complain(SERVICES.killed({ title, seconds: stopMs / 1000 }));
          kill();
        }, stopMs);
        await exited;
        clearTimeout(late);
      }
      log.close();
    },

    kill() {
      stopping.abort();
      kill();
    },
  };
}

/** A shell reports a signal as 128 and its number. */
function describeExit(code, signal) {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === code - 128) ?? [];
  return signal ?? name ?? inLanguage(SERVICES.exitCode({ code }));
}

const MAX_DEATHS = 5;
const DEATHS_WITHIN_MS = 30_000;
const FIRST_DELAY_MS = 250;

/** The delay before the next start, which grows with each exit; null after too many exits. */
export function restartPolicy() {
  let deaths = [];
  return (now = performance.now()) => {
    deaths = [...deaths.filter((at) => now - at < DEATHS_WITHIN_MS), now];
    return deaths.length < MAX_DEATHS ? FIRST_DELAY_MS * 2 ** (deaths.length - 1) : null;
  };
}
