import { randomBytes } from 'node:crypto';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { checkProfile } from '@pixdock/contract/requirements';
import { uploadTokenRequestSchema, uploadTokenSchema } from '@pixdock/contract/upload-token';
import { isoTime, nowMs } from '@pixdock/shared/runtime/clock';
import { readOptionalJson } from '../body/json-body.js';
import type { ApiDeps } from '../deps.js';
import { needs } from '../http/auth.js';
import type { ApiEnv } from '../http/env.js';
import { parseFields } from '../http/invalid.js';
import { optionalJsonBody } from './parameters.js';
import { bodyRefusals, json } from './responses.js';
import { serve } from './serve.js';

const route = createRoute({
  method: 'post',
  path: '/v1/upload-tokens',
  operationId: 'createUploadToken',
  tags: ['Upload tokens'],
  summary: 'Create a token with which a browser submits images',
  description:
    'The token is sent as `Authorization: Bearer TOKEN`. It submits files to POST /v1/images, or as images to /v1/uploads and /v1/direct-uploads, and reads the images that it submitted, and nothing else. It ends with its time or with the key that made it. Each upload whose body begins counts, also if the file is refused; a repeat with the same Idempotency-Key does not.',
  security: needs('submit'),
  request: { body: optionalJsonBody('UploadTokenRequest', uploadTokenRequestSchema) },
  responses: {
    ...bodyRefusals,
    201: json('The token; no other response contains it', uploadTokenSchema.openapi('UploadToken')),
  },
});

export function createUploadToken(app: OpenAPIHono<ApiEnv>, { config, keyring }: ApiDeps): void {
  serve(app, route, async (c) => {
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
