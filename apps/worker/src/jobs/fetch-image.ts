import { randomUUID } from 'node:crypto';
import type { JobContext, JobHandlers, JobResult } from '@pixdock/shared/queue/jobs';
import { backoffMs } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { Origin } from '@pixdock/shared/state/records/origin';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { begin } from '@pixdock/shared/state/records/transitions';
import { needsSource } from '@pixdock/shared/state/records/view';
import { restoreIfBehind } from '@pixdock/shared/state/restore';
import type { HostSlots } from '../admission/host-slots.js';
import { openTurns } from '../admission/stagger-retries.js';
import { type AttemptInHand, MAX_DEATHS, takeInHand } from '../attempt/attempt.js';
import { bringSource } from '../attempt/fetch-source.js';
import { afterFailure } from '../attempt/handle-error.js';
import { countShare, findShare, offerShare, type Share } from '../attempt/shared-source.js';
import type { WorkerDeps } from '../deps.js';
import { settleIfFinal } from '../publish/settle.js';

const DONE: JobResult = { outcome: 'done' };
/** Tries of one run; with these waits the last comes about a minute after the first. */
const MAX_FETCHES = 5;
const RETRY_BASE_MS = 2000;
const RETRY_CAP_MS = 30_000;

/** One try to bring an image's source into staging, from wherever it is. */
export function fetchImage(deps: WorkerDeps, slots: HostSlots): JobHandlers['fetch-image'] {
  const { records, staging, queue, config } = deps;
  const [turnOfShares, turnOfRoom] = [openTurns(), openTurns()];

  return async ({ imageId, run }, context) => {
    const before = await records.get(imageId);
    if (before === null || before.run !== run) return DONE;
    if (await restoreIfBehind(deps, before)) return DONE;
    const share = await findShare(deps, before);
    if (share.outcome === 'waits') return again(turnOfShares());
    const origin = await staging.origin(before);
    const entered = await enter(before.owner, origin, share);
    if ('againMs' in entered) return again(entered.againMs);
    let came = 0;
    try {
      const at = { run, holder: randomUUID() };
      const begun = await records.move(imageId, (record) =>
        needsSource(record) ? begin(record, at, 'fetching') : null,
      );
      if (begun.outcome === 'missing') return DONE;
      if (begun.outcome === 'refused') {
        // It may have been fetched by an attempt that died before there was a job to go on with.
        if (begun.record.status === 'processing') await queue.run(runOf(begun.record));
        return settleIfFinal(deps, begun.record);
      }
      faultpoint('fetch-begun');
      const attempt = takeInHand(deps, begun.record, at);
      try {
        if (attempt.record.internal.deaths >= MAX_DEATHS) return await attempt.fail('processing_crashed');
        const result = await fetch(attempt, origin, share, context);
        came = attempt.record.source.bytes ?? 0;
        return result;
      } catch (error) {
        return afterFailure(deps, attempt, error, context);
      }
    } finally {
      entered.leave(came);
    }
  };

  /** A slot at the host and room in staging, to be given back, or when to ask again for the one that is wanting. */
  async function enter(
    owner: string,
    origin: Origin | null,
    share: Share,
  ): Promise<{ leave: (came: number) => void } | { againMs: number }> {
    const isRemote = origin?.kind === 'url' && share.outcome === 'alone';
    const slot = isRemote ? slots.take(origin.url) : { leave() {} };
    if ('againMs' in slot) return slot;
    const bytes = share.outcome === 'alone' ? bytesToWrite(origin) : 0;
    let release: ((came: number) => void) | null = null;
    try {
      release = bytes === 0 ? () => {} : await deps.room.take(owner, bytes);
    } finally {
      if (release === null) slot.leave();
    }
    if (release === null) return { againMs: turnOfRoom() };
    return {
      leave(came) {
        slot.leave();
        release(came);
      },
    };
  }

  /** At most. What lies in staging already is linked. */
  function bytesToWrite(origin: Origin | null): number {
    if (origin?.kind === 'entry') return Math.min(origin.bytes, config.maxUploadBytes);
    return origin?.kind === 'url' ? config.maxUploadBytes : 0;
  }

  async function fetch(
    attempt: AttemptInHand,
    origin: Origin | null,
    share: Share,
    { signal }: JobContext,
  ): Promise<JobResult> {
    if (share.outcome === 'failed') return attempt.fail(share.code, share.detail);
    const { record } = attempt;
    const staged = share.outcome === 'here' ? ({ kind: 'staged', path: share.path } as const) : null;
    const from = staged ?? origin;
    if (from === null) return attempt.fail('source_lost');
    const brought = await bringSource(deps, record, from, signal);
    if (brought.outcome === 'failed') return attempt.fail(brought.code, brought.detail);
    if (brought.outcome === 'later') {
      const tries = record.internal.fetches + 1;
      if (tries >= MAX_FETCHES) return attempt.fail(brought.code, brought.detail);
      return attempt.fetchLater(brought.retryAfterMs ?? backoffMs(tries, RETRY_BASE_MS, RETRY_CAP_MS));
    }
    faultpoint('fetch-brought');
    if (share.outcome === 'here') await countShare(deps, record);
    else await offerShare(deps, record);
    return attempt.handOver(brought.source);
  }
}

const again = (afterMs: number): JobResult => ({ outcome: 'again', afterMs });
