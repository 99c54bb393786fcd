import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { imageSchema } from '@pixdock/contract/image';
import { isDeletedStatus } from '@pixdock/contract/status';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { locationOf, respondWithImage } from '../../http/image-response.js';
import { type ImageParts, readImage } from '../../read-image.js';
import { type DeletionParts, requestDeletion } from '../../request-deletion.js';
import { imageIdParam } from '../parameters.js';
import { bodyRefusals, json } from '../responses.js';
import { serve } from '../serve.js';

const route = createRoute({
  method: 'delete',
  path: '/v1/images/{id}',
  operationId: 'deleteImage',
  tags: ['Images'],
  summary: 'Delete an image and its objects',
  description:
    'Idempotent. The status is `deleted` once the objects are gone. The image then has only its id, owner, status, times, batch and the code of its error.',
  security: needs('delete'),
  request: { params: imageIdParam },
  responses: {
    ...bodyRefusals,
    202: json('The image will be deleted, or is deleted', imageSchema),
  },
});

export function removeImage(
  app: OpenAPIHono<ApiEnv>,
  deps: ImageParts & DeletionParts & Parts<'backlog'>,
): void {
  serve(app, route, async (c) => {
    const found = await readImage(deps, c.req.param('id'), c.get('owner'));
    c.header('Location', locationOf(found.id));
    const image = isDeletedStatus(found.status) ? found : await requestDeletion(deps, found);
    return respondWithImage(c, deps, image, 202);
  });
}
