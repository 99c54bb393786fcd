import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '../messages/services.mjs';
import { openLog } from './child-log.mjs';
import { terminalLog, wordsOf } from './log-line.mjs';
import { DEATHS_WITHIN_MS, MAX_DEATHS, restartPolicy } from './restart-policy.mjs';
import { complain, inLanguage, Problem } from './say.mjs';
import { killGroup } from './spawn-tied.mjs';

/** A child process that is restarted when it exits unexpectedly. */
export class Service {
  #spec;
  #title;
  #log;
  #show;
  #child = null;
  #exited;
  #stopping = new AbortController();
  #isReady = false;
  #linesBeforeReady = [];

  /**
   * @param spec `spawn(logFd)` starts it with spawnTied; `ready(child, signal)` resolves when it serves; it has `stopMs` to
   *   stop; `quiet` keeps its warnings in the log file.
   */
  constructor(spec) {
    this.#spec = spec;
    this.#title = inLanguage(SERVICES[spec.name]());
    this.#show = spec.quiet ? () => {} : terminalLog(spec.name);
    this.#log = openLog(spec.logPath, (line) =>
      this.#isReady ? this.#show(line) : this.#linesBeforeReady.push(line),
    );
  }

  /**
   * Resolves to what `ready` returns.
   * @param gaveUp called with the reason when it later ends again and again.
   * @throws Problem with the child's last lines when it ends before that.
   */
  async start(gaveUp) {
    try {
      const info = await this.#run();
      void this.#keepRunning(gaveUp);
      return info;
    } catch (error) {
      if (this.#stopping.signal.aborted || !(error instanceof Problem)) throw error;
      const words = wordsOf(this.#linesBeforeReady, 12);
      throw new Problem(error.message, words || inLanguage(SERVICES.seeLog(this.#spec)));
    }
  }

  /** Sends SIGTERM, and SIGKILL when its time is over. */
  async stop() {
    this.#stopping.abort();
    if (isRunning(this.#child)) {
      this.#child.kill('SIGTERM');
      const late = setTimeout(() => {
        complain(SERVICES.killed({ title: this.#title, seconds: this.#spec.stopMs / 1000 }));
        killGroup(this.#child);
      }, this.#spec.stopMs);
      await this.#exited;
      clearTimeout(late);
    }
    this.#log.close();
  }

  kill() {
    this.#stopping.abort();
    if (isRunning(this.#child)) killGroup(this.#child);
  }

  async #run() {
    this.#isReady = false;
    this.#linesBeforeReady = [];
    const child = this.#spec.spawn(this.#log.fd);
    this.#child = child;
    const ended = new AbortController();
    this.#exited = once(child, 'exit').then(([code, signal]) => {
      ended.abort();
      this.#log.finish();
      return describeExit(code, signal);
    });
    const died = this.#exited.then((exit) => {
      throw new Problem(SERVICES.notStarted({ title: this.#title, exit }));
    });
    try {
      const info = await Promise.race([this.#spec.ready(child, ended.signal), died]);
      this.#isReady = true;
      this.#log.read();
      for (const line of this.#linesBeforeReady) this.#show(line);
      return info;
    } catch (error) {
      if (isRunning(child)) killGroup(child);
      throw error;
    }
  }

  async #keepRunning(gaveUp) {
    const nextDelay = restartPolicy();
    const { signal } = this.#stopping;
    for (;;) {
      const exit = await this.#exited;
      if (signal.aborted) return;
      const delay = nextDelay();
      const facts = { title: this.#title, exit, logPath: this.#spec.logPath };
      if (delay === null) {
        const reason = SERVICES.givenUp({ ...facts, deaths: MAX_DEATHS, seconds: DEATHS_WITHIN_MS / 1000 });
        gaveUp(new Problem(reason, wordsOf(this.#linesBeforeReady, 5)));
        return;
      }
      complain(SERVICES.restarting({ ...facts, seconds: delay / 1000 }));
      await sleep(delay, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.#run().catch(() => {});
    }
  }
}

function isRunning(child) {
  return child !== null && child.exitCode === null && child.signalCode === null;
}

/** A shell reports a signal as 128 and its number. */
function describeExit(code, signal) {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === code - 128) ?? [];
  return signal ?? name ?? inLanguage(SERVICES.exitCode({ code }));
}
