import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '../messages/services.mjs';
import { ChildLog } from './child-log.mjs';
import { terminalLog, wordsOf } from './log-line.mjs';
import { DEATHS_WITHIN_MS, MAX_DEATHS, restartPolicy } from './restart-policy.mjs';
import { complain, inLanguage, Problem } from './say.mjs';
import { killGroup } from './spawn-tied.mjs';

/** A child process that is started again when it ends by itself. */
export class Service {
  #spec;
  #title;
  #gaveUp;
  #log;
  #child = null;
  #exited;
  #stopping = new AbortController();
  #linesBeforeReady = [];
  #show;
  #isReady = false;

  /**
   * @param spec `spawn(logFd)` starts it with spawnTied; `ready(child, signal)` resolves when it serves; it has `stopMs` to
   *   stop; `quiet` keeps its warnings in the log file.
   * @param gaveUp called with the reason when it ends again and again.
   */
  constructor(spec, gaveUp) {
    this.#spec = spec;
    this.#title = inLanguage(SERVICES[spec.name]());
    this.#gaveUp = gaveUp;
    this.#show = spec.quiet ? () => {} : terminalLog(spec.name);
    this.#log = new ChildLog(spec.logPath, (line) => this.#receive(line));
  }

  /** Resolves to what `ready` returns. @throws Problem with the child's last lines when it ends before that. */
  async start() {
    try {
      const info = await this.#run();
      void this.#keepRunning();
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
        this.kill();
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
      for (const line of this.#linesBeforeReady.splice(0)) this.#show(line);
      return info;
    } catch (error) {
      if (isRunning(child)) killGroup(child);
      throw error;
    }
  }

  async #keepRunning() {
    const nextDelay = restartPolicy();
    for (;;) {
      const exit = await this.#exited;
      if (this.#stopping.signal.aborted) return;
      const delay = nextDelay();
      if (delay === null) {
        this.#gaveUp(this.#reasonToGiveUp(exit));
        return;
      }
      complain(SERVICES.restarting({ title: this.#title, exit, seconds: delay / 1000 }));
      await sleep(delay, undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return;
      await this.#run().catch(() => {});
    }
  }

  #reasonToGiveUp(exit) {
    const { logPath } = this.#spec;
    const limits = { deaths: MAX_DEATHS, seconds: DEATHS_WITHIN_MS / 1000 };
    const reason = inLanguage(SERVICES.givenUp({ title: this.#title, exit, ...limits, logPath }));
    return [reason, wordsOf(this.#linesBeforeReady, 5)].filter(Boolean).join('\n');
  }

  #receive(line) {
    if (this.#isReady) this.#show(line);
    else this.#linesBeforeReady.push(line);
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
