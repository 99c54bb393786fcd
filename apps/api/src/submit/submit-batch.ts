import { randomBytes } from 'node:crypto';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { BatchArrival } from '@pixdock/shared/state/batches/arrival';
import type { BatchEntry } from '@pixdock/shared/state/records/batch-entry';
import { type BatchState, isBatchSettled, newBatchState } from '@pixdock/shared/state/records/batch-state';
import { checkBatchHeaders, type ReceivedBatch, receiveItems } from '../batch-formats/receive-items.js';
import { readBatch } from '../batches.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { BatchAdmission } from '../limits/batch-admission.js';
import { nowOrOnceRedisAnswers, onceRedisAnswers } from '../once-redis-answers.js';
import { discard } from './accept.js';
import type { Creation, Keyed } from './once.js';

const FIRST_VERSION = 1;

const newBatchId = () => `bat_${randomBytes(16).toString('hex')}`;

/** How a batch is made of a request. */
export function batchCreation(c: ApiContext, deps: ApiDeps): Creation<BatchState> {
  const owner = c.get('owner');
  const { staging, queue } = deps;
  return {
    newId: newBatchId,
    async left(id) {
      const manifest = await staging.batches.open(id, 0);
      return manifest === null ? null : (manifest.entry.idempotency?.fingerprint ?? '');
    },
    make: (id, { stamp, confirm }) =>
      withNewItems(c, deps, id, async (received, commit) => {
        const { profile, columns, total, invalid, digest } = received;
        const secret = randomBytes(32).toString('hex');
        const idempotency = stamp(digest);
        const createdAt = isoTime();
        const { retentionMs } = deps.config;
        const kept = { total, invalid, columns, createdAt, retentionMs };
        const entry = { id, owner, profile, secret, idempotency, ...kept };
        await commit(entry, confirm);
        return newBatchState(entry, FIRST_VERSION);
      }),
    fingerprint: () => withItems(c, deps, newBatchId(), async ({ digest }) => digest),
    async find(id) {
      const state = await readBatch(deps, id, owner);
      // Its server may have died before anything was there to go over its items.
      if (!isBatchSettled(state)) await queue.expand(id);
      return state;
    },
  };
}

type Commit = (entry: BatchEntry, confirm: Keyed['confirm']) => Promise<void>;

/** Reads a batch and makes nothing. */
export function tryBatch(c: ApiContext, deps: ApiDeps): Promise<ReceivedBatch> {
  return withItems(c, deps, newBatchId(), async (received) => received);
}

/** As `withItems`, within the limits of the owner: of open batches, records, and items in an hour. */
async function withNewItems<T>(
  c: ApiContext,
  deps: ApiDeps,
  id: string,
  use: (received: ReceivedBatch, commit: Commit) => Promise<T>,
): Promise<T> {
  await using admission = await deps.shares.admitBatch(c.get('owner'));
  const result = await withItems(c, deps, id, use, admission);
  admission.keep();
  return result;
}

/**
 * Stages the body of a request as items and hands them to `use`. Whatever `use` does not keep, by committing, is gone
 * afterwards.
 */
async function withItems<T>(
  c: ApiContext,
  deps: ApiDeps,
  id: string,
  use: (received: ReceivedBatch, commit: Commit) => Promise<T>,
  admission?: BatchAdmission,
): Promise<T> {
  const { staging, budget, backlog, writeLimits, config } = deps;
  checkBatchHeaders(c, config);
  // While Redis is away nothing can be accepted, and nobody should send a body to learn that.
  await backlog.size();
  const room = await budget.admit({
    id,
    owner: c.get('owner'),
    // What a body of unknown length will take shows as it arrives.
    declaredBytes: Number(c.req.header('Content-Length') ?? 1),
    firstBytes: 0,
    otherBytes: admission?.outcomeBytes ?? 0,
  });
  let came = 0;
  try {
    const arrival = limitItems(await staging.batches.receive(id), admission);
    let isKept = false;
    try {
      const received = await receiveItems(c, arrival, config, (bytes) => room.cover(bytes));
      return await use(received, async (entry, confirm) => {
        {
          using _ = await writeLimits.acquire(entry.owner);
          await arrival.commit(entry);
        }
        faultpoint('batch-staged');
        await announce(deps, entry, confirm);
        isKept = true;
        came = received.stagedBytes;
      });
    } finally {
      if (!isKept) await discard(arrival, id, deps.log);
    }
  } finally {
    room.release(came);
  }
}

function limitItems(arrival: BatchArrival, admission: BatchAdmission | undefined): BatchArrival {
  if (admission === undefined) return arrival;
  return {
    ...arrival,
    async add(item) {
      await admission.countItem();
      return arrival.add(item);
    },
  };
}

async function announce(deps: ApiDeps, entry: BatchEntry, confirm: Keyed['confirm']): Promise<void> {
  const { batches, queue } = deps;
  try {
    await confirm();
    await batches.create(entry, FIRST_VERSION);
  } catch (error) {
    void onceRedisAnswers(deps, entry.id, async () => {
      const found = await batches.get(entry.id);
      // By now another request may have made it, with the same key.
      if (found?.createdAt === Date.parse(entry.createdAt)) await batches.forget(entry);
    });
    throw error;
  }
  faultpoint('batch-recorded');
  // Staged and recorded it is accepted. A job that Redis took without a word may be at work: it cannot be taken back.
  await nowOrOnceRedisAnswers(deps, entry.id, () => queue.expand(entry.id));
  faultpoint('batch-queued');
}
