import type { Notes } from './notes.js';

/** Enough that no process that reads the numbers now could take a removed one. */
const KEPT = 64;
/** An empty note for the number of each of the latest epochs. */
const FOLDER = 'epochs';

/** The number of the latest epoch; -1 before the first. */
export async function latestNumber(notes: Notes): Promise<number> {
  let latest = -1;
  for await (const name of notes.list(FOLDER))
    latest = Math.max(latest, Number(name.slice(FOLDER.length + 1)));
  return latest;
}

/** Takes the number of the next epoch durably: above `above`, and above all that were ever taken. */
export async function takeNumber(notes: Notes, above: number): Promise<number> {
  const number = Math.max(above, await latestNumber(notes)) + 1;
  // Another process may take it first.
  if (!(await notes.create(`${FOLDER}/${number}`, ''))) return takeNumber(notes, above);
  await notes.remove(`${FOLDER}/${number - KEPT}`);
  return number;
}
