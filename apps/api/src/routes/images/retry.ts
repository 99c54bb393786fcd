import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { isRejected } from '@pixdock/contract/error-table';
import { imageSchema } from '@pixdock/contract/image';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Images } from '@pixdock/shared/state/images/images';
import { enqueueNextRun } from '@pixdock/shared/state/images/run-of';
import { retry } from '@pixdock/shared/state/images/transitions';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { imageResource } from '../../http/image-response.js';
import { refuseQueryBesideWait } from '../../http/preferred-wait.js';
import { respondChanged } from '../../http/resource.js';
import { refuseIfEnding } from '../../read-batch.js';
import { type ImageParts, readImage } from '../../read-image.js';
import { whenRedisIsBack } from '../../when-redis-is-back.js';
import { imageIdParam, waitHeaders, waitQuery } from '../parameters.js';
import { bodyRefusals, json, problem, submissionProblem } from '../responses.js';
import { serve } from '../serve.js';

const route = createRoute({
  method: 'post',
  path: '/v1/images/{id}/retry',
  operationId: 'retryImage',
  tags: ['Images'],
  summary: 'Retry a failed image from its source',
  description: 'Waits with Prefer: wait=N or ?wait=N, as the submission does.',
  security: needs('submit', 'read'),
  request: { params: imageIdParam, headers: waitHeaders, query: waitQuery },
  responses: {
    ...bodyRefusals,
    201: json('Published within the time to wait', imageSchema),
    202: json('The next run of the image is queued', imageSchema),
    409: problem(
      'The image has not failed, its source no longer exists, or its batch is canceled or deleted',
    ),
    422: submissionProblem(
      'The body does not match Content-Digest or Content-MD5, or the image failed within the time to wait',
    ),
  },
});

export function retryImage(
  app: OpenAPIHono<ApiEnv>,
  deps: ImageParts &
    Parts<
      'batches' | 'staging' | 'queue' | 'writeLimits' | 'backlog' | 'shares' | 'waits' | 'log' | 'stopping'
    >,
): void {
  const { images, batches, staging, shares } = deps;
  const resource = imageResource(deps);
  serve(app, route, async (c) => {
    refuseQueryBesideWait(c);
    const found = await readImage(deps, c.req.param('id'), c.get('owner'));
    const batch = found.batchId === null ? null : await batches.inRedis(found.batchId);
    if (batch !== null) refuseIfEnding(batch);
    if (retry(found) === null) throw notRetryable(found);
    if (!(await staging.hasSource(found))) throw new PixdockError('source_lost');
    await shares.admit(found.owner, { retried: 1 });
    const record = await images.restoreLost(found.id);
    const started = record === null ? MISSING : await startAndEnqueue(deps, record);
    if (started.outcome === 'missing') throw new PixdockError('not_retryable', detailOf('image-is-deleted'));
    if (started.outcome === 'refused') throw notRetryable(started.record);
    return respondChanged(c, resource, started.record);
  });
}

const MISSING = { outcome: 'missing' } as const;

async function startAndEnqueue(
  deps: Parts<'images' | 'batches' | 'queue' | 'writeLimits' | 'log' | 'stopping'>,
  failed: ImageRecord,
): ReturnType<Images['startNextRun']> {
  const { images, writeLimits } = deps;
  const { id, owner, run } = failed;
  // Redis may apply the transition without responding; a repeat would then be refused.
  const enqueueLater = () =>
    void whenRedisIsBack(deps, id, async () => {
      const record = await images.inRedis(id);
      if (record?.run === run + 1 && record.status === 'queued') await enqueueNextRun(deps, record);
    });
  using _ = await writeLimits.acquire(owner);
  const started = await images.startNextRun(failed).catch((error: unknown) => {
    enqueueLater();
    throw error;
  });
  if (started.outcome === 'changed') await enqueueNextRun(deps, started.record).catch(enqueueLater);
  return started;
}

function notRetryable(record: ImageRecord): PixdockError {
  const { status, deleteRequestedAt } = record;
  if (deleteRequestedAt !== null) return new PixdockError('not_retryable', detailOf('image-is-deleted'));
  if (isRejected(record)) return new PixdockError('not_retryable', detailOf('image-rejected'));
  return new PixdockError('not_retryable', detailOf('image-not-failed', { status }));
}
