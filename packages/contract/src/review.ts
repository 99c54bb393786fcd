import { z } from 'zod';

/** The reviewers of images before publication: a service at REVIEW_HTTP_URL, or people. */
export const REVIEWERS = ['http', 'manual'] as const;

/** A held image waits for a decision by a person. */
export const DECISIONS = ['approve', 'hold', 'reject'] as const;
export type Decision = (typeof DECISIONS)[number];

/** Number of reasons that are kept of a decision, and code units of each text. */
export const REVIEW_REASONS = { count: 20, label: 64, text: 500 } as const;

const reasonSchema = z.object({
  label: z.string().meta({ examples: ['violence'] }),
  /** On the reviewer's own scale. */
  score: z
    .number()
    .nullable()
    .meta({ examples: [0.97] }),
  text: z
    .string()
    .nullable()
    .meta({ examples: ['A weapon in the foreground'] }),
});
export type ReviewReason = z.output<typeof reasonSchema>;

/** The latest decision on an image. */
export const reviewSchema = z
  .object({
    decision: z.enum(DECISIONS),
    by: z.enum([...REVIEWERS, 'timeout']).meta({
      description: 'The reviewer; `timeout` if an image was held longer than REVIEW_GIVE_UP',
      examples: ['http'],
    }),
    reasons: z.array(reasonSchema).meta({ description: 'The reasons of the `http` reviewer' }),
    at: z.iso.datetime(),
    heldAt: z.iso
      .datetime()
      .nullable()
      .meta({
        description: 'When the image began to wait for a decision by a person; null if it never did',
        examples: [null],
      }),
  })
  .meta({ id: 'Review' });
export type Review = z.output<typeof reviewSchema>;
