import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Stage } from '@pixdock/contract/image';
import { type Detail, sayDetail } from '@pixdock/contract/messages/detail';
import type { Decision } from '@pixdock/contract/review';
import { isOpenStatus } from '@pixdock/contract/status';
import type { FaultFacts, StorageFault } from '@pixdock/object-store/types';
import { asError } from '@pixdock/shared/runtime/as-error';
import type { Logger } from '@pixdock/shared/runtime/log';
import { noteInSpan } from '@pixdock/shared/runtime/trace';
import type { WithoutRecord } from '@pixdock/shared/state/batches/batch-items';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import { type ImageRecord, isUnpublished } from '@pixdock/shared/state/images/image-record';
import type { OutcomeCounts } from '@pixdock/shared/state/service/outcome-counts';
import type { Delivery } from '@pixdock/shared/state/webhooks/delivery';
import type { DECODER_ENDS, WorkerCounters } from './metrics.js';

/** However many events are dropped. */
const DROPS_LOGGED_EVERY_MS = 60_000;

/** The business events of a worker. Each becomes a log line, a counter, or both here and nowhere else. */
export function openEvents(log: Logger, counters: WorkerCounters, outcomes: Pick<OutcomeCounts, 'add'>) {
  const dropsLoggedAt = new Map<string, number>();
  return {
    /** The image is final. */
    imageFinished(record: ImageRecord): void {
      const { id, owner, batchId, status, run, attempts, source, reusedId } = record;
      const kind = batchId === null ? 'single' : 'item';
      const code = codeOf(record);
      const isProcessed = status === 'published' || status === 'failed';
      const seconds = isProcessed ? stageSeconds(record) : {};
      const stageMs = Object.fromEntries(
        Object.entries(seconds).map(([stage, spent]) => [stage, Math.round(spent * 1000)]),
      );
      const variants = reusedId === null ? Object.values(record.variants) : [];
      const publishedBytes = variants.reduce((sum, { bytes }) => sum + bytes, 0);
      const facts = { id, owner, batchId, status, code, run, attempts, stageMs };
      noteInSpan({ 'pixdock.status': status, 'pixdock.code': code ?? undefined });
      const reused = reusedId === null ? {} : { reusedId };
      log.info({ ...facts, sourceBytes: source.bytes, publishedBytes, ...reused }, 'image finished');
      if (!isOpenStatus(status)) counters.image(status, code ?? '', kind);
      for (const [stage, spent] of Object.entries(seconds)) counters.stages.observe({ stage, kind }, spent);
      outcomes
        .add(status, code)
        .catch((error) => log.debug({ err: asError(error) }, 'outcome not counted in Redis'));
    },

    /** Items without a record are canceled or deleted. The line of their batch has their number. */
    itemsFinished(status: WithoutRecord['status'], count: number): void {
      counters.image(status, status === 'canceled' ? status : '', 'item', count);
    },

    batchFinished(state: BatchState): void {
      const { id, owner, total, counts, status: ended, createdAt, finishedAt } = toBatch(state);
      const status = state.buriedAt === null ? ended : 'deleted';
      const seconds = (Date.parse(finishedAt ?? createdAt) - Date.parse(createdAt)) / 1000;
      log.info({ id, owner, status, total, counts, seconds }, 'batch finished');
      counters.batches.inc({ status });
    },

    /** The image is held for a decision by a person. */
    imageHeld({ id, owner, batchId, review }: ImageRecord): void {
      log.info({ id, owner, batchId, labels: review?.reasons.map(({ label }) => label) }, 'image held');
    },

    /** The `http` reviewer decided. */
    reviewerDecided: (decision: Decision) => counters.reviews.inc({ decision }),

    /** The `http` reviewer gave no decision. */
    reviewerFailed(id: string, detail: Detail): void {
      counters.reviews.inc({ decision: 'failed' });
      log.warn({ id, problem: sayDetail('en', detail) }, 'reviewer failed');
    },

    /** OSS will never accept an object of this image. */
    objectRefused: (id: string, facts: FaultFacts) =>
      log.error({ id, ...facts, fix: facts.fix.en }, 'OSS refuses this object'),

    /** OSS does not permit the removal of an object. */
    removalRefused: (id: string, { code, fix }: FaultFacts) =>
      log.warn({ id, code, fix: fix.en }, 'OSS refuses to remove an object'),

    /** A fault of this machine, such as a full disk, delays an image or a job. */
    delayed: (what: { id: string } | { queue: string }, error: unknown) =>
      log.warn({ err: error, ...what }, 'held back by a fault of this machine'),

    /** A bug. */
    attemptFailed: (id: string, error: unknown, lastTry: boolean) =>
      log.error({ err: asError(error), id, lastTry }, 'unexpected failure'),

    storageFailed({ operation, facts }: StorageFault, isFirst: boolean): void {
      const { code, status, requestId, ecCode, kind, fix } = facts;
      const level = isFirst ? 'warn' : 'debug';
      log[level]({ operation, kind, code, status, requestId, ecCode, fix: fix.en }, 'storage is in trouble');
    },

    storageRecovered: (since: string) => log.info({ since }, 'storage works again'),

    stagingFull: (usage: { underWay: number; kept: number; stagingMaxBytes: number }) =>
      log.warn(usage, 'staging has no room for more'),

    stagingFreed: () => log.info('staging has room again'),

    /** Files that were kept for a retry are removed, because staging is nearly full. */
    keptFilesRemoved: (removed: { images: number; batches: number; bytes: number }) =>
      log.warn(removed, 'staging is nearly full: removed sources and files that were kept for a retry'),

    decoderEnded: (reason: (typeof DECODER_ENDS)[number]) => counters.decoderRestarts.inc({ reason }),

    /** A webhook was tried for the last time. */
    webhookFailed({ id, owner, endpointId, event, attempts }: Delivery): void {
      const last = attempts.at(-1);
      const error = last?.error ? sayDetail('en', last.error) : null;
      log.warn(
        { id, owner, endpointId, type: event.type, subject: event.data.id, lastAttempt: { ...last, error } },
        'webhook not delivered',
      );
    },

    /** New events for endpoints are dropped, because those that an owner has pending use all its space. */
    webhooksDropped(owner: string, count: number): void {
      counters.webhooksDropped.inc(count);
      const now = performance.now();
      if (now - (dropsLoggedAt.get(owner) ?? Number.NEGATIVE_INFINITY) < DROPS_LOGGED_EVERY_MS) return;
      dropsLoggedAt.set(owner, now);
      log.warn({ owner, count }, 'webhook events are dropped: too many are pending');
    },

    /** A webhook endpoint responded 410. */
    endpointDisabled: (owner: string, endpointId: string) =>
      log.warn({ owner, endpointId }, 'webhook endpoint is gone: it gets no more events'),
  };
}

export type WorkerEvents = ReturnType<typeof openEvents>;

/** A deleted image keeps the error that it had before. */
const codeOf = (record: ImageRecord): ErrorCode | null => (isUnpublished(record) ? record.error.code : null);

/** How long a final image was in each stage of its last run, with the time that it waited there. */
export function stageSeconds({
  timeline,
  finishedAt,
}: Pick<ImageRecord, 'timeline' | 'finishedAt'>): Partial<Record<Stage, number>> {
  const began = timeline.findLastIndex(({ stage }) => stage === 'received');
  const run = timeline.slice(Math.max(0, began));
  const seconds: Partial<Record<Stage, number>> = {};
  for (const [i, { stage, at }] of run.entries()) {
    if (stage === 'published') continue;
    const until = run[i + 1]?.at ?? finishedAt ?? at;
    const spent = Math.max(0, Date.parse(until) - Date.parse(at)) / 1000;
    seconds[stage] = (seconds[stage] ?? 0) + spent;
  }
  return seconds;
}
