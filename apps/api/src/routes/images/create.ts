import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { UPLOAD_ID } from '@pixdock/contract/ids';
import type { ApiDeps } from '../../deps.js';
import { needsOrToken } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { imageResource } from '../../http/image-response.js';
import { respondCreated } from '../../http/resource.js';
import { imageInRequest } from '../../submit/image.js';
import { submit } from '../../submit/submit.js';
import {
  creationHeaders,
  deleteAfterOption,
  externalIdOption,
  itemOptions,
  replaceOption,
  urlOptions,
  waitQuery,
  webhookUrlOption,
} from '../parameters.js';
import { bodyRefusals, json, problem, submissionProblem, submittedImageSchema } from '../responses.js';
import { serve } from '../serve.js';

const bytes = { schema: { type: 'string' as const, format: 'binary' } };
const option = { type: 'string' as const };

const imageOptions = {
  profile: { ...option, default: 'default' },
  replace: replaceOption,
  webhookUrl: webhookUrlOption,
};

const route = createRoute({
  method: 'post',
  path: '/v1/images',
  operationId: 'submitImage',
  tags: ['Images'],
  summary: 'Submit an image',
  description:
    'One image as multipart/form-data (one file, in a part of any name, and options, in any order), its bytes as the body with options in the query, or JSON with the `url` to fetch it from, or with the `upload` that has it (`POST /v1/direct-uploads`). The type of the image is detected from its bytes, never from its name or a header. Form fields that are not options are ignored and named in `warnings`; misspelled options are refused.',
  security: needsOrToken('submit'),
  request: {
    headers: creationHeaders,
    query: waitQuery.extend({
      profile: z
        .string()
        .optional()
        .openapi({ description: 'Name of the profile; only if the body is the file' }),
      externalId: z
        .string()
        .max(256, 'has more than 256 characters')
        .optional()
        .openapi({ description: 'Your own id of the image; only if the body is the file' }),
      metadata: z.string().optional().openapi({
        description:
          'A JSON object of strings, at most 4 KiB; a parameter `metadata.KEY` adds one string. Only if the body is the file',
      }),
      sha256: z.string().optional().openapi({
        description: 'SHA-256 of the file in hex; another file is refused. Only if the body is the file',
      }),
      deleteAfterSeconds: z
        .int()
        .optional()
        .openapi({ description: `${deleteAfterOption.description}. Only if the body is the file` }),
      replace: z
        .enum(['true', 'false'])
        .optional()
        .openapi({ description: `${replaceOption.description}. Only if the body is the file` }),
      webhookUrl: z
        .string()
        .optional()
        .openapi({ description: `${webhookUrlOption.description}. Only if the body is the file` }),
    }),
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            title: 'ImageForm',
            type: 'object' as const,
            required: ['file'],
            properties: {
              file: { type: 'string' as const, format: 'binary' },
              profile: { ...option, default: 'default' },
              externalId: externalIdOption,
              metadata: {
                ...option,
                description:
                  'A JSON object of strings, at most 4 KiB; a field `metadata.KEY` adds one string',
              },
              sha256: { ...option, description: 'SHA-256 of the file in hex; another file is refused' },
              deleteAfterSeconds: deleteAfterOption,
              replace: replaceOption,
              webhookUrl: webhookUrlOption,
            },
          },
        },
        'application/json': {
          schema: {
            oneOf: [
              {
                title: 'ImageFromUrl',
                type: 'object' as const,
                required: ['url'],
                properties: { ...urlOptions, ...imageOptions },
              },
              {
                title: 'ImageFromUpload',
                type: 'object' as const,
                required: ['upload'],
                properties: {
                  upload: { ...option, pattern: UPLOAD_ID.source, description: 'The id of a direct upload' },
                  ...itemOptions,
                  ...imageOptions,
                },
              },
            ],
          },
        },
        'application/octet-stream': bytes,
        'image/*': bytes,
      },
    },
  },
  responses: {
    ...bodyRefusals,
    201: json('Published within the time to wait', submittedImageSchema),
    202: json('Accepted; read Location for the status', submittedImageSchema),
    400: problem('The request is malformed, the file is empty, or a profile or field is unknown'),
    409: problem('A request with this Idempotency-Key is running'),
    413: problem('The file is too large'),
    415: problem('The file is not an image of an accepted format, or the body has a Content-Encoding'),
    422: submissionProblem(
      'The body or the file does not match its digest, the Idempotency-Key was used for another request, or the image failed within the time to wait',
    ),
  },
});

export function createImage(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const resource = imageResource(deps);
  serve(app, route, async (c) =>
    respondCreated(c, resource, await submit(c, deps, await imageInRequest(c, deps))),
  );
}
