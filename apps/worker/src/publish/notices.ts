import type { StoreNotice } from '@pixdock/object-store/open';
import type { Logger } from '@pixdock/shared/runtime/log';

/** Logs notices of the object store: each retry at debug level, all other notices once per kind. */
export function logNotices(log: Logger): (notice: StoreNotice) => void {
  const logged = new Set<string>();
  return ({ notice, ...facts }) => {
    if (notice === 'retry') log.debug(facts, 'OSS is tried again');
    else if (!logged.has(notice)) log.warn(facts, `OSS: ${notice}`);
    if (notice !== 'retry') logged.add(notice);
  };
}
