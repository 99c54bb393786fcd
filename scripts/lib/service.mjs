import { setTimeout as sleep } from 'node:timers/promises';
import { ChildLog } from './child-log.mjs';
import { terminalLog, wordsOf } from './log-line.mjs';
import { Problem } from './problem.mjs';
import { DEATHS_WITHIN_MS, MAX_DEATHS, restartPolicy } from './restart-policy.mjs';
import { complain } from './say.mjs';

/**
 * Keeps one child process running: starts it, restarts it when it dies by itself, stops it.
 *
 * @param spec `name` and `title`; `spawn(logFd)` starts it in a process group of its own; `ready(child, signal)` resolves when it
 *   serves; `stopMs` is its time to stop; `quiet` keeps its warnings in the log file.
 * @param hooks `born(child)`, `gone(pid)`: what others note down; `gaveUp(reason)`: it dies again and again.
 */
export class Service {
  #spec;
  #hooks;
  #log;
  #child = null;
  #exited;
  #stopping = new AbortController();
  #starting = [];
  #show;
  #isReady = false;

  constructor(spec, hooks) {
    this.#spec = spec;
    this.#hooks = hooks;
    this.#show = spec.quiet ? undefined : terminalLog(spec.name);
    this.#log = new ChildLog(spec.logPath, (line) => this.#hear(line));
  }

  get name() {
    return this.#spec.name;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Resolves to what `ready` gave. @throws Problem with the child's own words when it ends before that. */
  async start() {
    try {
      const info = await this.#run();
      void this.#keep();
      return info;
    } catch (error) {
      const words = wordsOf(this.#starting, 12);
      if (this.#stopping.signal.aborted || !(error instanceof Problem)) throw error;
      throw new Problem(
        words === '' ? `${error.message} See ${this.#spec.logPath}` : `${error.message}\n${words}`,
      );
    }
  }

  /** TERM, then KILL when its time is over. */
  async stop() {
    this.#stopping.abort();
    const child = this.#child;
    if (child !== null && isRunning(child)) {
      child.kill('SIGTERM');
      const inTime = await Promise.race([
        this.#exited.then(() => true),
        sleep(this.#spec.stopMs, false, { ref: false }),
      ]);
      if (!inTime) {
        complain(`${this.#spec.title} did not stop within ${this.#spec.stopMs / 1000} s and is killed.`);
        this.kill();
      }
      await this.#exited;
    }
    this.#log.close();
  }

  /** At once, with its whole process group. */
  kill() {
    this.#stopping.abort();
    if (this.#child === null || !isRunning(this.#child)) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }

  async #run() {
    this.#isReady = false;
    this.#starting = [];
    const child = this.#spec.spawn(this.#log.fd);
    this.#child = child;
    const ended = new AbortController();
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
    }).then((how) => {
      ended.abort();
      this.#log.finish();
      if (child.pid !== undefined) this.#hooks.gone(child.pid);
      return how;
    });
    if (child.pid !== undefined) this.#hooks.born(child);
    const died = this.#exited.then((how) => {
      throw new Problem(`${this.#spec.title} did not start (${how}).`);
    });
    try {
      const info = await Promise.race([this.#spec.ready(child, ended.signal), died]);
      this.#isReady = true;
      this.#log.read();
      for (const line of this.#starting.splice(0)) this.#show?.(line);
      return info;
    } catch (error) {
      if (isRunning(child)) child.kill('SIGKILL');
      throw error;
    }
  }

  async #keep() {
    const died = restartPolicy();
    for (;;) {
      const how = await this.#exited;
      if (this.#stopping.signal.aborted) return;
      const delay = died();
      if (delay === null) {
        this.#hooks.gaveUp(this.#givingUp(how));
        return;
      }
      complain(`${this.#spec.title} ended by itself (${how}); starting it again in ${delay / 1000} s.`);
      await sleep(delay, undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return;
      await this.#run().catch(() => {});
    }
  }

  #givingUp(how) {
    const words = wordsOf(this.#starting, 5);
    const reason = `${this.#spec.title} ended ${MAX_DEATHS} times within ${DEATHS_WITHIN_MS / 1000} s (${how}); see ${this.#spec.logPath}`;
    return words === '' ? reason : `${reason}\n${words}`;
  }

  #hear(line) {
    if (!this.#isReady) this.#starting.push(line);
    else this.#show?.(line);
  }
}

function isRunning(child) {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
