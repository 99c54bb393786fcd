import { detailOf } from '@pixdock/contract/messages/detail';
import { StorageFault } from '@pixdock/object-store/types';
import type { JobResult } from '@pixdock/shared/queue/jobs';
import { nowMs } from '@pixdock/shared/runtime/clock';
import * as transitions from '@pixdock/shared/state/images/attempt-transitions';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import type { AttemptDeps } from '../deps.js';
import { fail } from './finish.js';
import type { Attempt } from './start-attempt.js';

const MIN_HOLD_MS = 1000;
const MAX_HOLD_MS = 60_000;

const FULL_DISK = ['ENOSPC', 'EDQUOT'];

/** Requeues an image after a fault of the service, for longer the longer the fault lasts. It fails after STORAGE_GIVE_UP. */
export async function hold(deps: AttemptDeps, attempt: Attempt, fault?: Error): Promise<JobResult> {
  const heldMs = heldFor(attempt.record);
  const code = giveUpCode(fault);
  const isOfWorker = code === 'processing_crashed';
  if (heldMs >= deps.config.storageGiveUpMs)
    return fail(deps, attempt, code, isOfWorker ? detailOf('worker-fault-too-long') : undefined);
  const afterMs = holdMs(heldMs);
  const detail = isOfWorker
    ? detailOf(isFullDisk(fault) ? 'worker-disk-full' : 'worker-fault')
    : detailOf(`storage-held.${code}`);
  await attempt.change((record, attemptId) =>
    transitions.hold(record, attemptId, { error: storedError(code, detail), afterMs }),
  );
  return { outcome: 'again', afterMs };
}

/** Returns an image to its queue unchanged, because the worker stops or another owner is first. */
export async function requeue(attempt: Attempt): Promise<JobResult> {
  await attempt.change(transitions.release);
  return { outcome: 'again', afterMs: 0 };
}

/** Delay until the next attempt at an image that a fault has held for `heldMs`. */
export function holdMs(heldMs: number): number {
  const base = Math.min(MAX_HOLD_MS, Math.max(MIN_HOLD_MS, heldMs / 2));
  return Math.round(base * (0.5 + Math.random() / 2));
}

/** How long a fault has held the image. */
export function heldFor({ internal }: ImageRecord): number {
  return internal.heldSince === null ? 0 : nowMs() - Date.parse(internal.heldSince);
}

function giveUpCode(fault: Error | undefined) {
  if (!(fault instanceof StorageFault))
    return fault === undefined ? 'storage_unavailable' : 'processing_crashed';
  return fault.facts.kind === 'configuration' ? 'storage_denied' : 'storage_unavailable';
}

const isFullDisk = (fault: NodeJS.ErrnoException | undefined) => FULL_DISK.includes(fault?.code ?? '');
