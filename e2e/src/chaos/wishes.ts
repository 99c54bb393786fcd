import type { Decision } from '@pixdock/contract/review';

/** What a submission asks for besides its picture. */
export interface Wish {
  profile?: keyof typeof PROFILES;
  /** The answer of the reviewer. */
  answer?: Decision;
  /** The decision of a person on an image that is held. */
  verdict?: 'approve' | 'reject';
  deleteAfterSeconds?: number;
  /** The externalId of the images that this one replaces. */
  replaces?: string;
}

const variants = { main: { width: 320, height: 320 }, thumb: { width: 64, format: 'webp' } };
/** Many images have the same bytes. With `reviewFields`, each still gets its own decision. */
export const PROFILES = {
  reviewed: { review: ['http', 'manual'], reviewFields: ['externalId'], variants },
  people: { review: ['manual'], reviewFields: ['externalId'], visibility: 'private', variants },
  receipts: { visibility: 'private', variants },
};

/** Of a person who reviews the images of acme. */
export const REVIEWER_KEY = 'key-of-the-reviewer-of-acme';

/** Every way to end a review, and private images. */
export const WISHES: readonly Wish[] = [
  { profile: 'reviewed', answer: 'approve' },
  { profile: 'reviewed', answer: 'reject' },
  { profile: 'reviewed', answer: 'hold', verdict: 'approve' },
  { profile: 'reviewed', answer: 'hold', verdict: 'reject' },
  { profile: 'people', verdict: 'approve' },
  { profile: 'people', verdict: 'reject' },
  { profile: 'receipts' },
];

export const isReviewed = ({ answer, verdict }: Wish) => (answer ?? verdict) !== undefined;
export const isRejected = ({ answer, verdict }: Wish) => answer === 'reject' || verdict === 'reject';
export const isPrivate = ({ profile }: Wish) => profile === 'people' || profile === 'receipts';
