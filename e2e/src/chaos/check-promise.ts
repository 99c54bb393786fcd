import type { Find, WantedBatch } from './history.js';

type Promised = Pick<WantedBatch, 'name' | 'ids' | 'refusals' | 'unanswered'>;

/** I1, I3 and I8 of one that was asked for: what was accepted is there, once; what was refused is not. */
export function checkPromise(wanted: Promised, made: readonly { id: string }[]): Find[] {
  const { name, ids, refusals, unanswered } = wanted;
  const finds: Find[] = [];
  const add = (what: string) => void finds.push({ about: name, what });
  if (ids.size > 1) add(`accepted as ${[...ids].join(' and as ')}`);
  if (made.length > 1) add(`made more than once: ${made.map(({ id }) => id).join()}`);
  for (const id of ids) if (!made.some((one) => one.id === id)) add(`accepted as ${id}, which is lost`);
  if (ids.size === 0 && unanswered === 0 && refusals > 0 && made.length > 0)
    add('refused, and there all the same');
  return finds;
}
