import type { Profile } from '@pixdock/contract/profile';
import { type Review, reviewSchema } from '@pixdock/contract/review';
import { z } from 'zod';
import { profileVersion } from '../runtime/profile-version.js';
import { shortDigest } from '../runtime/short-digest.js';
import { type FetchedSource, fetchedSourceOf, fetchedSourceSchema } from './images/fetched-source.js';
import type { ImageRecord } from './images/image-record.js';
import type { Notes } from './notes.js';

/** With the facts of a fetched source: its host may not have it any more when Redis has lost them. */
const heldSchema = reviewSchema.extend({ source: fetchedSourceSchema.nullable().default(null) });
const verdictSchema = reviewSchema.extend({ decision: z.enum(['approve', 'reject']) });
/** A decision that ends the review. */
export type Verdict = z.output<typeof verdictSchema>;

const HELD = '.held.json';

/** Identifies the subject of a decision: the bytes of the source, and the profile with its version. */
export const reviewSubject = ({ source }: Pick<ImageRecord, 'source'>, profile: Profile): string =>
  shortDigest(`${source.sha256} ${profileVersion(profile)}`);

/**
 * The decisions on images, each in a note of staging, so that neither a loss of Redis nor a crash loses one.
 * @param folderOf the folder of the notes about an image's reviews
 * @param hasSource whether staging has an image's source
 */
export function openReviews(
  notes: Pick<Notes, 'read' | 'create' | 'list'>,
  folderOf: (id: string) => string,
  hasSource: (image: { id: string; source: FetchedSource }) => Promise<boolean>,
) {
  const held = (id: string, subject: string) => `${folderOf(id)}/${subject}${HELD}`;
  const ended = (id: string, subject: string) => `${folderOf(id)}/${subject}.json`;
  async function read<T>(name: string, schema: z.ZodType<T>): Promise<T | null> {
    const text = await notes.read(name);
    return text === null ? null : schema.parse(JSON.parse(text));
  }
  const verdictOf = (id: string, subject: string) => read(ended(id, subject), verdictSchema);

  return {
    /** The newest decision on a subject; null before the first one. */
    find: async (id: string, subject: string): Promise<Review | null> =>
      (await verdictOf(id, subject)) ?? (await read(held(id, subject), reviewSchema)),
    /** Records durably that an image is held. */
    async hold(record: ImageRecord, subject: string, review: Review): Promise<void> {
      const source = fetchedSourceOf(record);
      await notes.create(held(record.id, subject), JSON.stringify({ ...review, source }));
    },
    /** The facts of a held image's source, if it is in staging; otherwise null. */
    async findSource(id: string): Promise<FetchedSource | null> {
      for await (const name of notes.list(folderOf(id))) {
        const source = name.endsWith(HELD) ? (await read(name, heldSchema))?.source : null;
        if (source && (await hasSource({ id, source }))) return source;
      }
      return null;
    },
    /** Records the verdict of a review durably. Returns the effective verdict: the first one. */
    async decide(id: string, subject: string, verdict: Verdict): Promise<Verdict> {
      const isFirst = await notes.create(ended(id, subject), JSON.stringify(verdict));
      return isFirst ? verdict : ((await verdictOf(id, subject)) ?? verdict);
    },
  };
}

export type Reviews = ReturnType<typeof openReviews>;
