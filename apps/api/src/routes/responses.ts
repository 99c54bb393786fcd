import { z } from '@hono/zod-openapi';
import { batchSchema } from '@pixdock/contract/batch';
import { imageSchema } from '@pixdock/contract/image';
import { problemSchema } from '@pixdock/contract/problem';
import { warningsSchema } from '@pixdock/contract/submission-options';

/** A response with JSON. */
export const json = <S extends z.ZodType>(description: string, schema: S) => ({
  description,
  content: { 'application/json': { schema } },
});

/** One page of a list, whose members have the schema `item`. */
export const pageOf = <S extends z.ZodType>(name: string, item: S) =>
  json(
    'One page. Send its `next` as `cursor` to get the following page; the last page has no `next`. If few of many match a filter, a page with a `next` may contain fewer than `limit`, or none',
    z.object({ items: z.array(item), next: z.string().optional() }).openapi(name),
  );

export const imagePage = pageOf('ImageList', imageSchema);

/** A response with a problem. */
export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

const warningsMember = z.object({ warnings: warningsSchema });

/** The body of responses to submissions. */
export const submittedImageSchema = imageSchema.and(warningsMember).openapi('SubmittedImage');
export const submittedBatchSchema = batchSchema.and(warningsMember).openapi('SubmittedBatch');

/** The problem of an image that failed within the time to wait contains the image. */
const submissionProblemSchema = problemSchema
  .and(z.object({ image: imageSchema.optional() }))
  .and(warningsMember)
  .openapi('SubmissionProblem');

export const submissionProblem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: submissionProblemSchema } },
});

/** The errors of every route that requires a key. */
export const refusals = {
  400: problem('The request is malformed, or a parameter is unknown or invalid'),
  401: problem('The API key is missing, unknown, expired or revoked'),
  403: problem('The key may not do this; see `detail`'),
  404: problem('It does not exist, or belongs to another owner'),
  415: problem('The request has a Content-Encoding'),
  429: problem('The owner has reached a limit; see Retry-After and RateLimit'),
  503: problem(
    'Redis is unavailable, staging is full, or the server is overloaded or stopping; see Retry-After',
  ),
};

/** The errors of every route that reads a body, if only to refuse it. */
export const bodyRefusals = {
  ...refusals,
  408: problem('The body arrived too slowly'),
  413: problem('The body is too large'),
  422: problem('The body does not match Content-Digest or Content-MD5'),
};

/** The responses of a stream that ends with a final state. */
export const eventResponses = (example: string) => ({
  ...refusals,
  200: {
    description: 'Server-sent events, with a comment every 15 seconds',
    content: {
      'text/event-stream': { schema: z.string().openapi({ examples: [`retry: 1000\n${example}\n\n`] }) },
    },
  },
  204: { description: 'Last-Event-ID is the final version, so do not resume' },
});
