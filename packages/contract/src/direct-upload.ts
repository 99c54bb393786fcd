import { z } from 'zod';
import { UPLOAD_ID } from './ids.js';
import { reason } from './messages/reason.js';

const BYTES = reason('not-a-byte-count');

/** The body of `POST /v1/direct-uploads`; all members are optional. */
export const directUploadRequestSchema = z.strictObject({
  bytes: z
    .int(BYTES)
    .min(1, BYTES)
    .optional()
    .meta({
      examples: [482_113],
      description:
        'Size of the file, which may not be larger. Without it: the limit of the server or the token',
    }),
  filename: z
    .string()
    .max(1024)
    .optional()
    .meta({ examples: ['photo.jpg'], description: 'Stored with the image' }),
});

/** A form that uploads one file straight to OSS. */
export const directUploadSchema = z.object({
  id: z.string().regex(UPLOAD_ID),
  url: z.url().meta({
    examples: ['https://my-staging.oss-cn-hangzhou.aliyuncs.com/'],
    description: 'Receives the file by POST, as multipart/form-data',
  }),
  fields: z.record(z.string(), z.string()).meta({
    examples: [{ key: 'uploads/5f/upl_example/data', policy: 'eyJleHBpcm…' }],
    description: 'Fields of the form, before the part `file`, which is the last one',
  }),
  expiresAt: z.iso.datetime().meta({
    examples: ['2026-01-05T08:15:00.000Z'],
    description:
      'Until then OSS accepts the form. The uploaded file is removed an hour after the response unless it is submitted',
  }),
});
export type DirectUploadRequest = z.input<typeof directUploadRequestSchema>;
export type DirectUpload = z.output<typeof directUploadSchema>;
