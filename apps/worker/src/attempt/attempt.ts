import { ERROR_TABLE, type ErrorCode, type Text } from '@pixdock/contract/error-table';
import type { Stage } from '@pixdock/contract/image';
import { StorageFault } from '@pixdock/object-store/types';
import type { JobResult } from '@pixdock/shared/queue/jobs';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { Entry } from '@pixdock/shared/state/records/entry';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { recreateRecord } from '@pixdock/shared/state/records/recreate-record';
import { catchUp } from '@pixdock/shared/state/records/restore-record';
import { runOf } from '@pixdock/shared/state/records/run-of';
import * as transitions from '@pixdock/shared/state/records/transitions';
import { isSettled } from '@pixdock/shared/state/records/view';
import type { WorkerConfig } from '../config.js';
import type { WorkerDeps } from '../deps.js';
import { LostImage } from '../publish/put.js';
import { settleIfFinal } from '../publish/settle.js';
import { type KeyConfig, keysOf, removeObjects } from '../publish/undo.js';

const DONE: JobResult = { outcome: 'done' };
/** Deploys and OOM kills take a worker down now and then; an image that is there each time is the cause. */
export const MAX_DEATHS = 5;
const MIN_HOLD_MS = 1000;
const MAX_HOLD_MS = 60_000;
const UNDO_MS = 15_000;

interface Parts extends Pick<WorkerDeps, 'records' | 'staging' | 'store' | 'queue'> {
  config: KeyConfig & Pick<WorkerConfig, 'retentionMs' | 'storageGiveUpMs'>;
}

export type AttemptInHand = ReturnType<typeof takeInHand>;

/**
 * One attempt's hold on its image: every step goes through it, one after the other, and each throws LostImage once the
 * record says that another attempt, or a deletion, has it.
 */
export function takeInHand(
  { records, staging, store, queue, config }: Parts,
  begun: ImageRecord,
  at: transitions.Attempt,
) {
  const { id } = begun;
  let record = begun;
  let steps: Promise<unknown> = Promise.resolve();

  function step(change: (record: ImageRecord) => ImageRecord | null): Promise<void> {
    const taken = steps.then(async () => {
      const moved = await records.move(id, change, record);
      if (moved.outcome !== 'moved') throw new LostImage();
      record = moved.record;
    });
    steps = taken.catch(() => {});
    return taken;
  }

  async function finish(change: (record: ImageRecord) => ImageRecord | null): Promise<JobResult> {
    await step(change);
    faultpoint('run-finished');
    await staging.settle(record);
    faultpoint('run-settled');
    // Redis may have lost it just before, and the image may have come to another end.
    const current = await records.get(id);
    return current?.version === record.version ? DONE : letGo();
  }

  async function isHeld(): Promise<boolean> {
    const current = await records.get(id);
    return current !== null && transitions.holds(current, at);
  }

  async function fail(code: ErrorCode, detail: Text = ERROR_TABLE[code].fix): Promise<JobResult> {
    // The keys may be those of an attempt that has taken over meanwhile, or of one that ended it after all.
    if (!(await isHeld()) || (await isEnded())) throw new LostImage();
    const left = await removeObjects(store, keysOf(record, config), AbortSignal.timeout(UNDO_MS));
    return finish((current) => transitions.fail(current, at, { code, detail }, left, config.retentionMs));
  }

  // Only an image that Redis lost in hand can have been.
  async function isEnded(): Promise<boolean> {
    const account = record.internal.keysLost ? await staging.ownEntry(id) : null;
    if (account === null) return false;
    const moved = await records.move(id, (current) => catchUp(current, account.record));
    return moved.outcome === 'moved';
  }

  /**
   * Recreates a record that Redis lost, with the keys that this attempt may have written: the next attempt or a deletion
   * removes them. An item is restored with its batch.
   */
  async function recreate(entry: Entry): Promise<ImageRecord | null> {
    if (entry.record.batchId !== null) return null;
    return (await recreateRecord(records, isSettled(entry.record) ? entry.record : record)).record;
  }

  /**
   * Another attempt or a deletion has the image. What this one wrote to OSS stays the other's, and goes where the image is
   * to end without objects, or was refused after all; what it wrote to staging after the image's end goes.
   */
  async function letGo(): Promise<JobResult> {
    const found = await records.get(id);
    const entry = found === null ? await staging.entry(id) : null;
    const isRefused = found === null && entry === null;
    const current = entry === null ? found : await recreate(entry);
    // A deletion after Redis was emptied knows of no run, and may have been there before the put.
    const isBuried = entry?.record.status === 'deleted';
    const isDeleted = isBuried || (current !== null && current.deleteRequestedAt !== null);
    if (isRefused || isDeleted)
      await removeObjects(store, record.internal.keys, AbortSignal.timeout(UNDO_MS));
    if (current === null) return DONE;
    // A deletion or the next run, which may have begun, must know what may lie in OSS.
    if (current.status === 'failed')
      await records.move(id, (failed) => transitions.noteKeys(failed, record.run, record.internal.keys));
    const internal = current.status === 'canceled' ? record.internal : current.internal;
    return settleIfFinal({ staging, store, config }, { ...current, internal });
  }

  return {
    get record() {
      return record;
    },
    advance: (stage: Stage, keys?: string[]) =>
      step((current) => transitions.advance(current, at, stage, keys)),
    publish: (publication: transitions.Publication) =>
      finish((current) => transitions.publish(current, at, publication, config.retentionMs)),
    fail,
    isHeld,
    letGo,

    /** A fault of the service: the image waits, longer the longer it lasts, and fails only after STORAGE_GIVE_UP. */
    async hold(fault?: Error): Promise<JobResult> {
      await step((current) => transitions.release(current, at, true));
      const heldMs = heldFor(record);
      if (heldMs < config.storageGiveUpMs) return { outcome: 'again', afterMs: holdMs(heldMs) };
      await step((current) => transitions.begin(current, at, current.stage));
      return fail(giveUpCode(fault));
    },

    /** The source is here: the image goes on in the queue of those to be decoded. */
    async handOver(source: transitions.FetchedSource): Promise<JobResult> {
      await step((current) => transitions.fetched(current, at, source));
      faultpoint('fetch-handed-over');
      await queue.run(runOf(record));
      return DONE;
    },

    /** The source is gone, and can be fetched again. */
    async refetch(): Promise<JobResult> {
      await step((current) => transitions.refetch(current, at));
      await queue.run(runOf(record));
      return DONE;
    },

    /** The source's host may do better in a while. */
    async fetchLater(afterMs: number): Promise<JobResult> {
      await step((current) => transitions.fetchLater(current, at));
      return { outcome: 'again', afterMs };
    },

    /** Stopping: the image goes back to the queue as it was. */
    async handBack(): Promise<JobResult> {
      await step((current) => transitions.release(current, at, false));
      return { outcome: 'again', afterMs: 0 };
    },
  };
}

/** How long an image that a fault holds back waits before its next try. */
export function holdMs(heldMs: number): number {
  const base = Math.min(MAX_HOLD_MS, Math.max(MIN_HOLD_MS, heldMs / 2));
  return Math.round(base * (0.5 + Math.random() / 2));
}

/** For how long a fault has held the image back. */
export function heldFor({ internal }: ImageRecord): number {
  return internal.heldSince === null ? 0 : Date.now() - Date.parse(internal.heldSince);
}

function giveUpCode(fault: Error | undefined): ErrorCode {
  if (!(fault instanceof StorageFault))
    return fault === undefined ? 'storage_unavailable' : 'processing_crashed';
  return fault.facts.kind === 'configuration' ? 'storage_denied' : 'storage_unavailable';
}
