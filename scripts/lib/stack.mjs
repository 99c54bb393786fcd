import { Service } from './service.mjs';
import { Interrupted } from './stop-signals.mjs';

/** The services that run together. `gaveUp` aborts, with a Problem, when one of them keeps ending. */
export class Stack {
  #services = [];
  #stopping = false;
  #gaveUp = new AbortController();
  gaveUp = this.#gaveUp.signal;

  get isEmpty() {
    return this.#services.length === 0;
  }

  /** Resolves to what the service reports once it is ready. */
  start(spec) {
    if (this.#stopping) throw new Interrupted('the stop of the others');
    const service = new Service(spec);
    this.#services.push(service);
    return service.start((problem) => this.#gaveUp.abort(problem));
  }

  /** Stops in reverse order; kills all when `force` aborts. */
  async stop(force) {
    this.#stopping = true;
    const killAll = () => this.#services.forEach((service) => service.kill());
    force.addEventListener('abort', killAll);
    if (force.aborted) killAll();
    for (const service of this.#services.toReversed()) await service.stop();
    force.removeEventListener('abort', killAll);
  }
}
