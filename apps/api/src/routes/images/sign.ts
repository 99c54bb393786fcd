import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { signedUrlSchema, signRequestSchema } from '@pixdock/contract/image';
import { detailOf } from '@pixdock/contract/messages/detail';
import { isOrWillBeDeleted, isUnpublishedStatus } from '@pixdock/contract/status';
import { isPrivateKey } from '@pixdock/contract/visibility';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { readOptionalJson } from '../../body/json-body.js';
import { needsOrToken } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { invalid, parseFields } from '../../http/invalid.js';
import { type ImageParts, readImage } from '../../read-image.js';
import { imageIdParam, optionalJsonBody } from '../parameters.js';
import { bodyRefusals, json, problem } from '../responses.js';
import { serve } from '../serve.js';

const route = createRoute({
  method: 'post',
  path: '/v1/images/{id}/sign',
  operationId: 'signImage',
  tags: ['Images'],
  summary: 'Make a signed URL for a private image',
  description:
    'Anyone with the URL can read the variant until `expiresAt`, even after you remove the image from your pages: choose a short lifetime. An upload token can sign the images that it submitted. With temporary OSS credentials, a URL is valid for at most 14 minutes, unless it is signed for a CDN.',
  security: needsOrToken('read'),
  request: { params: imageIdParam, body: optionalJsonBody('SignRequest', signRequestSchema) },
  responses: {
    ...bodyRefusals,
    200: json('The signed URL; Pixdock does not store it', signedUrlSchema),
    409: problem('The image is public, not yet published, or deleted'),
  },
});

export function signImage(app: OpenAPIHono<ApiEnv>, deps: ImageParts): void {
  serve(app, route, async (c) => {
    const { variant, expiresInSeconds } = parseFields(signRequestSchema, await readOptionalJson(c));
    const { owner, token } = c.get('caller');
    const record = await readImage(deps, c.req.param('id'), owner, token);
    const key = privateKeyOf(record, variant);
    const { url, expiresAt } = await deps.store.sign(key, expiresInSeconds);
    c.header('Cache-Control', 'no-store');
    return c.json({ url, expiresAt: expiresAt.toISOString() }, 200);
  });
}

/** @throws PixdockError not_signable, already_deleted, invalid_request */
function privateKeyOf(record: ImageRecord, name: string): string {
  const { status, variants } = record;
  if (isOrWillBeDeleted(record)) throw new PixdockError('already_deleted');
  if (status !== 'published')
    throw new PixdockError(
      'not_signable',
      detailOf(isUnpublishedStatus(status) ? 'sign-never-published' : 'sign-unpublished', { status }),
    );
  const variant = Object.hasOwn(variants, name) ? variants[name] : undefined;
  if (variant === undefined) throw invalid('no-such-variant', { name, variants: Object.keys(variants) });
  if (!isPrivateKey(variant.key)) throw new PixdockError('not_signable');
  return variant.key;
}
