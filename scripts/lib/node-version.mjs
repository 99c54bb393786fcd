import { SETUP } from '../messages/setup.mjs';
import { complain } from './say.mjs';

const OLDEST = '20.19';

/** Ends the process with one line on a Node that is too old. Any Node can run what this imports. */
export function requireNode({ node: version } = process.versions) {
  if (isNewEnough(version)) return;
  complain(SETUP.nodeTooOld({ oldest: OLDEST, version }));
  process.exit(1);
}

export const isNewEnough = (version) => version.localeCompare(OLDEST, 'en', { numeric: true }) >= 0;
