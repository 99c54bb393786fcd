import { randomBytes } from 'node:crypto';
import { asError } from '@pixdock/shared/runtime/as-error';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { Entry } from '@pixdock/shared/state/records/entry';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { receiveUrl } from '../body/json-body.js';
import { checkHeaders, receive } from '../body/receive.js';
import type { Submission } from '../body/submitted.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { nowOrOnceRedisAnswers, onceRedisAnswers } from '../once-redis-answers.js';
import type { Keyed } from './once.js';

/** What a submission without bytes takes: its file of about 2 KB, or with long metadata and headers a little more. */
const SUBMISSION_BYTES = 4096;

export const newImageId = () => `img_${randomBytes(16).toString('hex')}`;

/**
 * Stages the body of a request and hands it to `use`. Whatever `use` does not keep, by committing the arrival, is gone
 * afterwards.
 */
export async function withSubmission<T>(
  c: ApiContext,
  { staging, budget, backlog, shares, config, log }: ApiDeps,
  id: string,
  use: (submission: Submission, commit: (entry: Entry) => Promise<void>) => Promise<T>,
): Promise<T> {
  const form = checkHeaders(c, config);
  // While Redis is away nothing can be accepted, and nobody should send a body to learn that.
  const owner = c.get('owner');
  const [{ outcomeBytes: otherBytes }] = await Promise.all([shares.admitImage(owner), backlog.size()]);
  const length = Number(c.req.header('Content-Length') ?? config.maxUploadBytes);
  const declaredBytes = form === 'json' ? SUBMISSION_BYTES : length;
  const room = await budget.admit({ id, owner, declaredBytes, otherBytes });
  let came = 0;
  try {
    if (form === 'json') {
      const made = await use(await receiveUrl(c), async (entry) => {
        await staging.submit(entry);
      });
      came = SUBMISSION_BYTES;
      return made;
    }
    const arrival = await staging.receive(id);
    let committed = false;
    let kept = false;
    try {
      const { stream } = arrival;
      const submission = await receive(c, { stream, cover: (bytes: number) => room.cover(bytes) }, config);
      const result = await use(submission, async (entry) => {
        await arrival.commit(entry);
        committed = true;
      });
      kept = committed;
      if (kept) came = submission.bytes;
      return result;
    } finally {
      if (!kept) await discard(arrival, id, log);
    }
  } finally {
    room.release(came);
  }
}

/** Removes what came of an upload that is refused. A failure is logged, so that the client is told why it was refused. */
export async function discard(
  arrival: { discard(): Promise<void> },
  id: string,
  log: ApiDeps['log'],
): Promise<void> {
  await arrival
    .discard()
    .catch((error: unknown) =>
      log.warn({ err: asError(error), id }, 'a refused upload could not be removed'),
    );
}

/** Reads the body of a request, and keeps nothing of it. */
export async function readSubmission(c: ApiContext, { config }: ApiDeps): Promise<Submission> {
  return checkHeaders(c, config) === 'json' ? receiveUrl(c) : receive(c, { stream: null }, config);
}

/**
 * Makes a submission an image: staged, then its record, then its job, so that a step repeated changes nothing and a crash
 * after the first leaves enough to go on from.
 */
export async function accept(
  deps: ApiDeps,
  entry: Entry,
  { commit, confirm }: { commit: (entry: Entry) => Promise<void>; confirm: Keyed['confirm'] },
): Promise<ImageRecord> {
  const { records, queue, staging, writeLimits } = deps;
  const { record } = entry;
  {
    using _ = await writeLimits.acquire(record.owner);
    await commit(entry);
  }
  faultpoint('image-staged');
  try {
    await confirm();
    await records.create(record);
  } catch (error) {
    // Bytes that came are discarded by who staged them.
    if (entry.origin !== null) await staging.forget(record.id);
    void onceRedisAnswers(deps, record.id, async () => {
      const found = await records.get(record.id);
      if (found?.createdAt === record.createdAt) await records.forget(found);
    });
    throw error;
  }
  faultpoint('image-recorded');
  // Staged and recorded it is accepted. A job that Redis took without a word may be at work: it cannot be taken back.
  await nowOrOnceRedisAnswers(deps, record.id, () => queue.run(runOf(record)));
  faultpoint('image-queued');
  return record;
}
