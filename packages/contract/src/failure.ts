import { z } from 'zod';
import { ERROR_CODES } from './error-table.js';
import { IMAGE_ID } from './ids.js';
import { pointInTime } from './time.js';

/** Longer than every host with a port. */
export const FAILURE_HOST_MAX = 300;

export const FAILURE_RETRY_ID = /^frt_[0-9a-f]{32}$/;

/** Selects failures; all conditions must match. */
export const failureFilterSchema = z.strictObject({
  code: z.enum(ERROR_CODES).optional(),
  host: z
    .string()
    .min(1)
    .max(FAILURE_HOST_MAX)
    .optional()
    .meta({ description: 'Host of the source URL, with its port unless that is the default' }),
  since: pointInTime.optional().meta({ description: 'Only failures since this time' }),
  until: pointInTime.optional().meta({ description: 'Only failures before this time' }),
});

/** The body of `POST /v1/failures/retry`. */
export const failureRetryRequestSchema = failureFilterSchema.extend({
  host: failureFilterSchema.shape.host.unwrap().nullable().optional().meta({
    description: 'Host of the source URL; null selects images without a source URL',
  }),
});
export type FailureRetryRequest = z.output<typeof failureRetryRequestSchema>;

/** Failed images with one code, one host, and one day of failure. */
export const failureGroupSchema = z
  .object({
    code: z.enum(ERROR_CODES).meta({ examples: ['source_timeout'] }),
    /** Null without a source URL. */
    host: z
      .string()
      .nullable()
      .meta({ examples: ['img.example.com'] }),
    /** In UTC. */
    day: z.iso.date(),
    count: z.int().positive(),
    firstAt: z.iso.datetime(),
    lastAt: z.iso.datetime(),
    /** The image that failed last. */
    exampleId: z.string().regex(IMAGE_ID),
    /** Whether a retry may succeed without another change. */
    retryable: z.boolean(),
    title: z.string(),
    /** The recommended action. */
    fix: z.string(),
  })
  .meta({ id: 'FailureGroup' });
export type FailureGroup = z.output<typeof failureGroupSchema>;

/** The job that retries failures. */
export const failureRetrySchema = z
  .object({
    id: z.string().regex(FAILURE_RETRY_ID),
    status: z.enum(['running', 'finished']),
    code: z.enum(ERROR_CODES).optional(),
    host: z.string().nullable().optional(),
    since: z.iso.datetime().optional(),
    until: z.iso.datetime().optional(),
    createdAt: z.iso.datetime(),
    /** Images with a next run so far. */
    retried: z.int().nonnegative(),
    /** Images without a next run: their source is gone, or they or their batch have changed. */
    skipped: z.int().nonnegative(),
  })
  .meta({ id: 'FailureRetry' });
export type FailureRetry = z.output<typeof failureRetrySchema>;
