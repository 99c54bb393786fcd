import { startGuardian } from './guardian.mjs';
import { identify } from './process-identity.mjs';
import { Service } from './service.mjs';
import { Interrupted } from './stop-signals.mjs';

/**
 * The services that run together: noted in the data folder's lock and told to the guardian, so that whatever happens
 * to the launcher, somebody knows what there is to end. `gaveUp` aborts when one of them cannot be kept running.
 */
export class Stack {
  #services = [];
  #children = {};
  #lock;
  #guardian;
  #stopping = false;
  #gaveUp = new AbortController();

  constructor(lock) {
    this.#lock = lock;
    this.#guardian = startGuardian((pid) => lock.note({ guardian: identify(pid) }));
  }

  get isEmpty() {
    return this.#services.length === 0;
  }

  get gaveUp() {
    return this.#gaveUp.signal;
  }

  /** Resolves to what the service tells of itself once it serves. */
  async start(spec) {
    if (this.#stopping) throw new Interrupted('the stop of the others');
    const service = new Service(spec, {
      born: ({ pid }) => {
        this.#guardian.watch(pid, { last: spec.neededByOthers === true });
        this.#note(spec.name, identify(pid));
      },
      gone: (pid) => {
        this.#guardian.forget(pid);
        this.#note(spec.name, undefined);
      },
      gaveUp: (reason) => this.#gaveUp.abort(reason),
    });
    this.#services.push(service);
    return service.start();
  }

  /** In reverse; all at once when `force` aborts. */
  async stop(force) {
    this.#stopping = true;
    const killAll = () => this.#services.forEach((service) => service.kill());
    force.addEventListener('abort', killAll);
    if (force.aborted) killAll();
    for (const service of this.#services.toReversed()) await service.stop();
    await this.#guardian.stop();
    force.removeEventListener('abort', killAll);
  }

  #note(name, child) {
    this.#children[name] = child;
    this.#lock.note({ children: this.#children });
  }
}
