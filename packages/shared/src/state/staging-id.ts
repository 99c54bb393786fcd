import { randomUUID } from 'node:crypto';
import { latestNumber } from './epoch-number.js';
import type { Notes } from './notes.js';

/** Where a staging is, and its notes. */
export interface StagingPlace {
  /** Host and DATA_DIR, for people. */
  place: string;
  notes: Notes;
}

/** What distinguishes one staging from every other, which may be mounted in its place. */
export interface StagingId {
  id: string;
  place: string;
  /** Whether no epoch has begun with it yet: it may be the mount point of a disk that is missing. */
  isNew: boolean;
}

/** The note with the id of staging. */
export const STAGING_ID = 'id';

/** Reads the id of staging, and gives it one if it has none. */
export async function readStagingId({ notes, place }: StagingPlace): Promise<StagingId> {
  const isNew = (await latestNumber(notes)) < 0;
  const id = randomUUID();
  // Another process may make the id at the same time: the first one counts.
  const known = (await notes.read(STAGING_ID)) ?? ((await notes.create(STAGING_ID, id)) ? id : null);
  return known === null ? readStagingId({ notes, place }) : { id: known, place, isNew };
}
