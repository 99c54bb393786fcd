import { SETUP } from '../messages/setup.mjs';
import { complain } from './say.mjs';

const OLDEST = [20, 19];

/** Ends the process with one line on a Node that is too old. Any Node can run what this imports. */
export function requireNode(version = process.versions.node) {
  if (isNewEnough(version)) return;
  complain(SETUP.nodeTooOld({ oldest: OLDEST.join('.'), version }));
  process.exit(1);
}

export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
