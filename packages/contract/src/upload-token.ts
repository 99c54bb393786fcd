import { z } from 'zod';
import { reason } from './messages/reason.js';
import { isOrigin } from './origin.js';
import { PROFILE_NAME } from './profile.js';
import { deleteAfterSchema } from './submission-options.js';

export const UPLOAD_TOKEN_LIMITS = { seconds: 900, count: 1000, origins: 10 } as const;

const wholeNumber = (most: number, name: Parameters<typeof reason>[0]) =>
  z.int(reason(name)).min(1, reason(name)).max(most, reason(name));

/** The body of `POST /v1/upload-tokens`; all members are optional. */
export const uploadTokenRequestSchema = z.strictObject({
  profile: z.string().regex(PROFILE_NAME, reason('not-a-profile-name')).optional().meta({
    description: 'The only profile that the token may use, and its default. Without it: any',
  }),
  maxBytes: wholeNumber(Number.MAX_SAFE_INTEGER, 'not-a-byte-count')
    .optional()
    .meta({ description: 'Largest file. Without it: the limit of the server' }),
  deleteAfterSeconds: deleteAfterSchema.optional().meta({
    description:
      'Seconds from the submission of an image to its deletion, unless it is kept. The page that uses the token cannot change it. Without it: as each submission says',
  }),
  maxCount: wholeNumber(UPLOAD_TOKEN_LIMITS.count, 'not-an-upload-count')
    .default(10)
    .meta({ description: 'Number of uploads' }),
  expiresInSeconds: wholeNumber(UPLOAD_TOKEN_LIMITS.seconds, 'not-a-token-lifetime').default(300),
  origins: z
    .array(z.string().refine(isOrigin, reason('not-an-origin')), reason('not-origins'))
    .min(1, reason('not-origins'))
    .max(UPLOAD_TOKEN_LIMITS.origins, reason('not-origins'))
    .optional()
    .meta({
      examples: [['https://shop.example.com']],
      description: 'Origins of pages that may use the token, exactly as browsers send them. Without it: any',
    }),
});

const text = z.string();
const origins = z.array(text);

/** A new upload token. Only this response contains it. */
export const uploadTokenSchema = z.object({
  token: text.meta({ examples: ['pxu_example'] }),
  id: text.meta({ examples: ['tok_example'] }),
  expiresAt: z.iso.datetime().meta({ examples: ['2026-01-05T08:05:00.000Z'] }),
  profile: text.nullable().meta({ examples: ['default'] }),
  maxBytes: z.int().meta({ examples: [10_485_760] }),
  deleteAfterSeconds: z
    .int()
    .nullable()
    .meta({ examples: [3600] }),
  maxCount: z.int().meta({ examples: [10] }),
  origins: origins.nullable().meta({ examples: [['https://shop.example.com']] }),
});
export type UploadTokenRequest = z.input<typeof uploadTokenRequestSchema>;
export type UploadToken = z.output<typeof uploadTokenSchema>;
