import { z } from 'zod';
import { orUnreadable } from '../../runtime/unreadable.js';
import { type Entry, entrySchema, idempotencySchema } from '../images/entry.js';
import type { StagedBatches } from './staged-batches.js';
import type { StagedFiles } from './staged-files.js';
import { stagedNames } from './staged-names.js';

/** Reads what staging says about an image: its outcome, its submission, or its line in its batch. */
export function openStagedEntries(files: StagedFiles, batches: StagedBatches) {
  const read = async (name: string): Promise<Entry | null> => parseEntry(await files.read(name));
  const readOutcome = (id: string) => read(stagedNames.outcome(id));
  const readSubmission = (id: string) => read(stagedNames.submission(id));

  async function ownEntry(id: string): Promise<Entry | null> {
    const outcome = await readOutcome(id);
    // A retry begins a new run of a failed image; a deletion that it overtakes is final.
    const mayBeRetried = outcome === null || outcome.record.status === 'failed';
    const submission = mayBeRetried ? await readSubmission(id) : null;
    const isLater = outcome !== null && submission !== null && submission.record.run > outcome.record.run;
    return unlessKept(isLater ? submission : (outcome ?? submission));
  }

  /** Without the deletion time if the image is kept. */
  async function unlessKept(found: Entry | null): Promise<Entry | null> {
    if (found === null || found.record.deleteAt === null) return found;
    const isKept = await files.has(stagedNames.kept(found.record.id));
    return isKept ? { ...found, record: { ...found.record, deleteAt: null } } : found;
  }

  async function entry(id: string): Promise<Entry | null> {
    const newest = (await ownEntry(id)) ?? (await unlessKept(await batches.entryOf(id)));
    if (newest === null || newest.record.deleteRequestedAt !== null) return newest;
    return (await files.has(stagedNames.deletion(id)))
      ? { ...newest, record: { ...newest.record, deleteRequestedAt: newest.record.updatedAt } }
      : newest;
  }

  /** An entry from its text. */
  const parse = (text: string | null) => unlessKept(parseEntry(text));

  async function idempotencyOf(id: string): Promise<Entry['idempotency']> {
    const text =
      (await files.read(stagedNames.submission(id))) ?? (await files.read(stagedNames.outcome(id)));
    if (text === null) return null;
    // Only this field is needed of an entry whose record the caller has.
    return ifReadable(
      async () => z.object({ idempotency: idempotencySchema }).parse(JSON.parse(text)).idempotency,
    );
  }

  return { entry, ownEntry, parse, readSubmission, idempotencyOf };
}

const parseEntry = (text: string | null): Entry | null =>
  text === null ? null : entrySchema.parse(JSON.parse(text));

/** Null if the file is damaged, which must not stop the image. */
export async function ifReadable<T>(reading: () => Promise<T | null>): Promise<T | null> {
  const found = await orUnreadable(reading);
  return found === 'unreadable' ? null : found;
}
