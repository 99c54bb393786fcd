import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, processWorld } from './process-identity.mjs';
import { say } from './say.mjs';

// Longer than guardian.sh takes at most.
const GUARDIAN_MS = 25_000;
const TERM_MS = 10_000;

/** Waits until everything is gone that a killed launcher had started, and ends what does not go by itself. */
export async function endLeftovers({ world, guardian, children = {} }) {
  if (world !== processWorld()) return;
  const all = [guardian, ...Object.values(children)].filter((one) => one !== undefined);
  if (!all.some(isAlive)) return;
  say('The last start was killed; waiting for what it left to finish …');
  if (guardian !== undefined) await goneWithin([guardian], GUARDIAN_MS);
  for (const [signal, patience] of [
    ['SIGTERM', TERM_MS],
    ['SIGKILL', TERM_MS],
  ]) {
    for (const { pid } of all.filter(isAlive)) process.kill(pid, signal);
    await goneWithin(all, patience);
  }
}

async function goneWithin(processes, ms) {
  const end = Date.now() + ms;
  while (processes.some(isAlive) && Date.now() < end) await sleep(100);
}
