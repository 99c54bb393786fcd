import { asError } from '../../runtime/as-error.js';
import type { Logger } from '../../runtime/log.js';

/** For disposers, whose errors would hide the error that ended the request. The sweep removes the files later. */
export function logLeftover(log: Logger | undefined, id: string) {
  return (error: unknown): void => {
    log?.warn({ err: asError(error), id }, 'a refused upload could not be removed');
  };
}
