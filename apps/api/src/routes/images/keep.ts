import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { imageSchema, type KeptImage, keepRequestSchema, keptImagesSchema } from '@pixdock/contract/image';
import { isOrWillBeDeleted } from '@pixdock/contract/status';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { keep } from '@pixdock/shared/state/images/transitions';
import { readJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { respondWithImage } from '../../http/image-response.js';
import { parseFields } from '../../http/invalid.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { type ImageParts, readImage } from '../../read-image.js';
import { imageIdParam, jsonBody } from '../parameters.js';
import { bodyRefusals, json, problem } from '../responses.js';
import { serve } from '../serve.js';

const one = createRoute({
  method: 'post',
  path: '/v1/images/{id}/keep',
  operationId: 'keepImage',
  tags: ['Images'],
  summary: 'Keep an image: cancel its scheduled deletion',
  description:
    'Sets `deleteAt` of the image to null. Idempotent; an image without `deleteAt` stays as it is.',
  security: needs('submit', 'read'),
  request: { params: imageIdParam },
  responses: {
    ...bodyRefusals,
    200: json('The image, no longer scheduled for deletion', imageSchema),
    409: problem('The image is deleted, or its deletion has begun'),
  },
});

const many = createRoute({
  method: 'post',
  path: '/v1/images/keep',
  operationId: 'keepImages',
  tags: ['Images'],
  summary: 'Keep images: cancel their scheduled deletion',
  description:
    'Sets `deleteAt` of up to 200 images to null, for example of all images in a submitted form. Idempotent. The response says for each image whether it is kept.',
  security: needs('submit', 'read'),
  request: { body: jsonBody('ImagesToKeep', keepRequestSchema) },
  responses: {
    ...bodyRefusals,
    200: json('The result for each image, in the order of the request', keptImagesSchema),
  },
});

type Deps = ImageParts & Parts<'images' | 'staging' | 'writeLimits' | 'backlog'>;

export function keepImages(app: OpenAPIHono<ApiEnv>, deps: Deps): void {
  serve(app, many, async (c) => {
    const { ids } = parseFields(keepRequestSchema, await readJson(c));
    const items = new Map<string, KeptImage>();
    await inGroups(new Set(ids), async (id) => {
      items.set(id, { id, ...(await tryToKeep(deps, id, c.get('owner'))) });
    });
    c.set('object', [...items.keys()]);
    setPrivateHeaders(c);
    return c.json({ items: [...new Set(ids)].flatMap((id) => items.get(id) ?? []) });
  });

  serve(app, one, async (c) => {
    const found = await readImage(deps, c.req.param('id'), c.get('owner'));
    return respondWithImage(c, deps, await keepImage(deps, found), 200);
  });
}

async function tryToKeep(deps: Deps, id: string, owner: string): Promise<Omit<KeptImage, 'id'>> {
  try {
    await keepImage(deps, await readImage(deps, id, owner));
    return { kept: true, code: null };
  } catch (error) {
    const code = error instanceof PixdockError ? error.code : null;
    if (code === 'not_found' || code === 'already_deleted') return { kept: false, code };
    throw error;
  }
}

/**
 * Cancels the scheduled deletion of an image durably: first in staging, so that a loss of Redis does not bring it back.
 * @throws PixdockError already_deleted
 */
async function keepImage(deps: Deps, found: ImageRecord): Promise<ImageRecord> {
  const { images, staging, writeLimits } = deps;
  if (isOrWillBeDeleted(found)) throw new PixdockError('already_deleted');
  if (found.deleteAt === null) return found;
  {
    using _ = await writeLimits.acquire(found.owner);
    await staging.keep(found.id);
  }
  faultpoint('image-kept');
  const changed = await images.change(found.id, keep);
  if (changed.outcome === 'missing' || isOrWillBeDeleted(changed.record))
    throw new PixdockError('already_deleted');
  return changed.record;
}
