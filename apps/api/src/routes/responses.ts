import { z } from '@hono/zod-openapi';
import { batchSchema } from '@pixdock/contract/batch';
import { imageSchema } from '@pixdock/contract/image';
import { problemSchema } from '@pixdock/contract/problem';
import { warningsSchema } from '@pixdock/contract/submission-options';

const imageListSchema = z
  .object({ items: z.array(imageSchema), next: z.string().optional() })
  .openapi('ImageList');

export const imageListContent = { 'application/json': { schema: imageListSchema } };

export const batchContent = { 'application/json': { schema: batchSchema } };

export const imageContent = { 'application/json': { schema: imageSchema } };

const warningsMember = z.object({ warnings: warningsSchema });

/** Responses to submissions. */
export const submittedImageContent = {
  'application/json': {
    schema: imageSchema.and(warningsMember).openapi('SubmittedImage'),
  },
};

export const submittedBatchContent = {
  'application/json': {
    schema: batchSchema.and(warningsMember).openapi('SubmittedBatch'),
  },
};

export const problemContent = { 'application/problem+json': { schema: problemSchema } };

/** The problem of an image that failed within the time to wait contains the image. */
export const submissionProblemContent = {
  'application/problem+json': {
    schema: problemSchema
      .and(z.object({ image: imageSchema.optional() }))
      .and(warningsMember)
      .openapi('SubmissionProblem'),
  },
};

/** The errors of every route that requires a key. */
export const refusals = {
  400: {
    description: 'The request is malformed, or a parameter is unknown or invalid',
    content: problemContent,
  },
  401: { description: 'The API key is missing, unknown, expired or revoked', content: problemContent },
  403: { description: 'The key may not do this; see `detail`', content: problemContent },
  404: { description: 'It does not exist, or belongs to another owner', content: problemContent },
  415: { description: 'The request has a Content-Encoding', content: problemContent },
  429: {
    description: 'The owner has reached a limit; see Retry-After and RateLimit',
    content: problemContent,
  },
  503: {
    description:
      'Redis is unavailable, staging is full, or the server is overloaded or stopping; see Retry-After',
    content: problemContent,
  },
};

/** The errors of every route that reads a body, if only to refuse it. */
export const bodyRefusals = {
  ...refusals,
  408: { description: 'The body arrived too slowly', content: problemContent },
  413: { description: 'The body is too large', content: problemContent },
  422: { description: 'The body does not match Content-Digest or Content-MD5', content: problemContent },
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
