import type { StoreNotice } from '@pixdock/object-store/open';
import type { Logger } from '@pixdock/shared/runtime/log';

/** Tells operators what OSS let us notice: retries in detail only, the rest once for each kind. */
export function logNotices(log: Logger): (notice: StoreNotice) => void {
  const told = new Set<string>();
  return ({ notice, ...facts }) => {
    if (notice === 'retry') log.debug(facts, 'OSS is tried again');
    else if (!told.has(notice)) log.warn(facts, `OSS: ${notice}`);
    if (notice !== 'retry') told.add(notice);
  };
}
