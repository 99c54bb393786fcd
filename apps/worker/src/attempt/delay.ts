import { detailOf } from '@pixdock/contract/messages/detail';
import { StorageFault } from '@pixdock/object-store/types';
import type { JobResult } from '@pixdock/shared/queue/jobs';
import { nowMs } from '@pixdock/shared/runtime/clock';
import * as attempts from '@pixdock/shared/state/images/attempt-transitions';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import type { AttemptDeps } from '../deps.js';
import { fail } from './finish.js';
import type { Attempt } from './start-attempt.js';

const MIN_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;

const FULL_DISK = ['ENOSPC', 'EDQUOT'];

/** Requeues an image after a fault of the service, for longer the longer the fault lasts. It fails after STORAGE_GIVE_UP. */
export async function delay(deps: AttemptDeps, attempt: Attempt, fault?: Error): Promise<JobResult> {
  const delayedMs = delayedFor(attempt.record);
  const code = giveUpCode(fault);
  const isOfWorker = code === 'processing_crashed';
  if (delayedMs >= deps.config.storageGiveUpMs)
    return fail(deps, attempt, code, isOfWorker ? detailOf('worker-fault-too-long') : undefined);
  const afterMs = delayMs(delayedMs);
  const detail = isOfWorker
    ? detailOf(isFullDisk(fault) ? 'worker-disk-full' : 'worker-fault')
    : detailOf(`storage-delay.${code}`);
  await attempt.change((record, attemptId) =>
    attempts.delay(record, attemptId, { error: storedError(code, detail), afterMs }),
  );
  return { outcome: 'again', afterMs };
}

/** Returns an image to its queue unchanged: the worker stops, or something that this attempt needs has gone. */
export async function requeue(attempt: Attempt): Promise<JobResult> {
  await attempt.change(attempts.release);
  return { outcome: 'again', afterMs: 0 };
}

/** Until the next attempt at an image that a fault has delayed for `delayedMs`. */
export function delayMs(delayedMs: number): number {
  const base = Math.min(MAX_DELAY_MS, Math.max(MIN_DELAY_MS, delayedMs / 2));
  return Math.round(base * (0.5 + Math.random() / 2));
}

/** How long a fault has delayed the image. */
export function delayedFor({ internal }: ImageRecord): number {
  return internal.delayedSince === null ? 0 : nowMs() - Date.parse(internal.delayedSince);
}

function giveUpCode(fault: Error | undefined) {
  if (!(fault instanceof StorageFault))
    return fault === undefined ? 'storage_unavailable' : 'processing_crashed';
  return fault.facts.kind === 'configuration' ? 'storage_denied' : 'storage_unavailable';
}

const isFullDisk = (fault: NodeJS.ErrnoException | undefined) => FULL_DISK.includes(fault?.code ?? '');
