import type { Finding, WantedBatch } from './history.js';

type Promised = Pick<WantedBatch, 'name' | 'ids' | 'refusals' | 'unanswered'>;

/** I1, I3 and I8 for one request: an accepted image or batch exists once, a refused one does not. */
export function checkPromise(wanted: Promised, made: readonly { id: string }[]): Finding[] {
  const { name, ids, refusals, unanswered } = wanted;
  const findings: Finding[] = [];
  const add = (what: string) => void findings.push({ about: name, what });
  if (ids.size > 1) add(`accepted as ${[...ids].join(' and as ')}`);
  if (made.length > 1) add(`created more than once: ${made.map(({ id }) => id).join()}`);
  for (const id of ids) if (!made.some((one) => one.id === id)) add(`accepted as ${id}, which is lost`);
  if (ids.size === 0 && unanswered === 0 && refusals > 0 && made.length > 0) add('refused, but exists');
  return findings;
}
