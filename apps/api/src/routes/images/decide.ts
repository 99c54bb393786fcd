import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { imageSchema } from '@pixdock/contract/image';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Review } from '@pixdock/contract/review';
import { isOrWillBeDeleted } from '@pixdock/contract/status';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { type ImageRecord, isHeld, isOpen } from '@pixdock/shared/state/images/image-record';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { decide } from '@pixdock/shared/state/images/transitions';
import type { Verdict } from '@pixdock/shared/state/reviews';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { locationOf, respondWithImage } from '../../http/image-response.js';
import { readForReview } from '../../read-for-review.js';
import type { ImageParts } from '../../read-image.js';
import { whenRedisIsBack } from '../../when-redis-is-back.js';
import { imageIdParam } from '../parameters.js';
import { bodyRefusals, json, problem } from '../responses.js';
import { serve } from '../serve.js';

const OPERATIONS = {
  approve: { operationId: 'approveImage', summary: 'Approve a held image: it is published' },
  reject: { operationId: 'rejectImage', summary: 'Reject a held image: it fails with content_rejected' },
} as const;

const routeOf = (decision: Verdict['decision']) =>
  createRoute({
    method: 'post',
    path: `/v1/images/{id}/${decision}`,
    ...OPERATIONS[decision],
    tags: ['Review'],
    description:
      'Idempotent. The first decision on an image counts. A key that also has the scope `admin` can decide on the images of all owners.',
    security: needs('review'),
    request: { params: imageIdParam },
    responses: {
      ...bodyRefusals,
      202: json('The decision is stored and will be carried out', imageSchema),
      409: problem('The image is not held, or already has the other decision'),
    },
  });

type Deps = ImageParts & Parts<'staging' | 'queue' | 'writeLimits' | 'backlog' | 'log' | 'stopping'>;

export function decideImages(app: OpenAPIHono<ApiEnv>, deps: Deps): void {
  for (const decision of ['approve', 'reject'] as const) {
    serve(app, routeOf(decision), async (c) => {
      const found = await readForReview(deps, c, c.req.param('id'));
      c.header('Location', locationOf(found.id));
      const record = isHeld(found) ? await noteDecision(deps, found, decision) : found;
      if (record.review?.decision !== decision) throw notHeld(record);
      return respondWithImage(c, deps, record, 202);
    });
  }
}

function notHeld(record: ImageRecord): PixdockError {
  const { review } = record;
  if (isOrWillBeDeleted(record)) return new PixdockError('not_held', detailOf('image-is-deleted'));
  const isDecided = review !== undefined && review.decision !== 'hold';
  return new PixdockError(
    'not_held',
    isDecided ? detailOf('image-was-decided', { decision: review.decision }) : undefined,
  );
}

/**
 * Stores the decision in staging, then in the record; a worker carries it out. Returns the record with the effective decision, which is
 * the first one.
 */
async function noteDecision(
  deps: Deps,
  held: ImageRecord & { review: Review },
  decision: Verdict['decision'],
): Promise<ImageRecord> {
  const { images, queue, staging, writeLimits } = deps;
  const { id, owner, internal, review } = held;
  const wanted: Verdict = { ...review, decision, by: 'manual', at: isoTime() };
  const verdict = await noteDurably();
  faultpoint('decision-noted');
  const carryOut = async () => {
    const changed = await images.change(id, (record) => decide(record, verdict));
    const record = changed.outcome === 'missing' ? held : changed.record;
    await queue.enqueue(runOf(record));
    // If Redis has lost the hold, the record gets the decision once the image is held again. An image that is final or being deleted never gets it.
    const mayGetIt = isOpen(record) && record.deleteRequestedAt === null;
    return mayGetIt ? { ...record, review: verdict } : record;
  };
  return carryOut().catch((error: unknown) => {
    // The decision is durable in staging, so it takes effect despite this error response.
    void whenRedisIsBack(deps, id, async () => void (await carryOut()));
    throw error;
  });

  async function noteDurably(): Promise<Verdict> {
    using _ = await writeLimits.acquire(owner);
    return await staging.reviews.decide(id, internal.reviewed ?? '', wanted);
  }
}
