import { randomBytes } from 'node:crypto';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { checkProfile } from '@pixdock/contract/requirements';
import { DELETE_AFTER_MAX_SECONDS } from '@pixdock/contract/submission-options';
import {
  UPLOAD_TOKEN_LIMITS,
  uploadTokenRequestSchema,
  uploadTokenSchema,
} from '@pixdock/contract/upload-token';
import { isoTime, nowMs } from '@pixdock/shared/runtime/clock';
import { readOptionalJson } from '../body/json-body.js';
import type { ApiDeps } from '../deps.js';
import { needs } from '../http/auth.js';
import type { ApiEnv } from '../http/env.js';
import { parseFields } from '../http/invalid.js';
import { bodyRefusals } from './responses.js';

const { seconds, count, origins: maxOrigins } = UPLOAD_TOKEN_LIMITS;
const positive = { type: 'integer' as const, minimum: 1 };

const route = createRoute({
  method: 'post',
  path: '/v1/upload-tokens',
  operationId: 'createUploadToken',
  tags: ['Upload tokens'],
  summary: 'Create a token with which a browser submits images',
  description:
    'The token is sent as `Authorization: Bearer TOKEN`. It submits files to POST /v1/images, or as images to /v1/uploads, and reads the images that it submitted, and nothing else. It ends with its time or with the key that made it. Each upload whose body begins counts, also if the file is refused; a repeat with the same Idempotency-Key does not.',
  security: needs('submit'),
  request: {
    body: {
      content: {
        'application/json': {
          schema: {
            title: 'UploadTokenRequest',
            type: 'object' as const,
            properties: {
              profile: {
                type: 'string' as const,
                description: 'The only profile that the token may use, and its default. Without it: any',
              },
              maxBytes: { ...positive, description: 'Largest file. Without it: the limit of the server' },
              deleteAfterSeconds: {
                ...positive,
                maximum: DELETE_AFTER_MAX_SECONDS,
                description:
                  'Seconds from the submission of an image to its deletion, unless it is kept. The page that uses the token cannot change it. Without it: as each submission says',
              },
              maxCount: { ...positive, maximum: count, default: 10, description: 'Number of uploads' },
              expiresInSeconds: { ...positive, maximum: seconds, default: 300 },
              origins: {
                type: 'array' as const,
                minItems: 1,
                maxItems: maxOrigins,
                items: { type: 'string' as const, example: 'https://shop.example.com' },
                description:
                  'Origins of pages that may use the token, exactly as browsers send them. Without it: any',
              },
            },
          },
        },
      },
    },
  },
  responses: {
    ...bodyRefusals,
    201: {
      description: 'The token; no other response contains it',
      content: { 'application/json': { schema: uploadTokenSchema.openapi('UploadToken') } },
    },
  },
});

export function createUploadToken(app: OpenAPIHono<ApiEnv>, { config, keyring }: ApiDeps): void {
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/upload-tokens', async (c) => {
    const body = await readOptionalJson(c);
    const request = parseFields(uploadTokenRequestSchema, body);
    const {
      profile = null,
      deleteAfterSeconds = null,
      maxBytes = config.maxUploadBytes,
      maxCount,
      expiresInSeconds,
    } = request;
    if (profile !== null) checkProfile(profile, config.profiles);
    const rights = {
      id: `tok_${randomBytes(16).toString('hex')}`,
      expiresAt: isoTime(nowMs() + expiresInSeconds * 1000),
      profile,
      maxBytes: Math.min(maxBytes, config.maxUploadBytes),
      deleteAfterSeconds,
      maxCount,
      origins: request.origins ?? null,
    };
    c.set('object', rights.id);
    return c.json({ token: keyring.makeToken(c.get('caller').keyId, rights), ...rights }, 201);
  });
}
