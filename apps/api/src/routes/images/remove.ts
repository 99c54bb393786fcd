import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { requestDelete } from '@pixdock/shared/state/records/transitions';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { locationOf, respondWithImage } from '../../http/image-response.js';
import { type ImageParts, readImage } from '../../images.js';
import { whenRedisIsBack } from '../../when-redis-is-back.js';
import { imageIdParam } from '../parameters.js';
import { bodyRefusals, imageContent } from '../responses.js';

const route = createRoute({
  method: 'delete',
  path: '/v1/images/{id}',
  operationId: 'deleteImage',
  tags: ['Images'],
  summary: 'Delete an image and its objects',
  description: 'Idempotent. The status is `deleted` once the objects are gone.',
  security: needs('delete'),
  request: { params: imageIdParam },
  responses: {
    ...bodyRefusals,
    202: { description: 'The image will be deleted, or is deleted', content: imageContent },
  },
});

export function removeImage(
  app: OpenAPIHono<ApiEnv>,
  deps: ImageParts & Parts<'queue' | 'writeLimits' | 'backlog' | 'log' | 'stopping'>,
): void {
  const { records, queue, staging, writeLimits } = deps;
  app.openAPIRegistry.registerPath(route);
  app.delete('/v1/images/:id', async (c) => {
    const found = await readImage(deps, c.req.param('id'), c.get('owner'));
    c.header('Location', locationOf(found.id));
    if (found.status === 'deleted') return respondWithImage(c, deps, found, 202);
    {
      using _ = await writeLimits.acquire(found.owner);
      await staging.requestDelete(found.id);
    }
    try {
      let changed = await records.transition(found.id, requestDelete);
      if (changed.outcome === 'missing') {
        // After RETENTION, or before a restore, the record is missing: create one for the deletion.
        await records.create(found);
        changed = await records.transition(found.id, requestDelete);
      }
      await queue.delete(found.id, found.owner);
      return await respondWithImage(c, deps, changed.outcome === 'missing' ? found : changed.record, 202);
    } catch (error) {
      // The deletion is durable in staging, so it happens although this response is an error.
      void whenRedisIsBack(deps, found.id, () => queue.delete(found.id, found.owner));
      throw error;
    }
  });
}
