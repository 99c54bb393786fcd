import { randomBytes } from 'node:crypto';
import { isoTime, sleep } from '@pixdock/shared/clock';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import { asError } from '@pixdock/shared/errors';
import { MEDIA_TYPES } from '@pixdock/shared/media-type';
import type { Entry } from '@pixdock/shared/staging/entry';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { checkHeaders, receive, type Submission } from './receive.js';

export const newImageId = () => `img_${randomBytes(16).toString('hex')}`;

/**
 * Stages the body of a request and hands it to `use`. Whatever `use` does not keep, by committing the arrival, is gone
 * afterwards.
 */
export async function withSubmission<T>(
  c: ApiContext,
  { staging, budget, backlog, config }: ApiDeps,
  id: string,
  use: (submission: Submission, commit: (entry: Entry) => Promise<void>) => Promise<T>,
): Promise<T> {
  checkHeaders(c, config);
  // While Redis is away nothing can be accepted, and nobody should send a body to learn that.
  await backlog.size();
  const release = await budget.reserve(Number(c.req.header('Content-Length') ?? config.maxUploadBytes));
  let came = 0;
  try {
    const arrival = await staging.receive(id);
    let committed = false;
    let kept = false;
    try {
      const submission = await receive(c, arrival, config);
      const result = await use(submission, async (entry) => {
        await arrival.commit(entry);
        committed = true;
        came = submission.bytes;
      });
      kept = committed;
      return result;
    } finally {
      if (!kept) await arrival.discard();
    }
  } finally {
    release(came);
  }
}

/**
 * Makes a submission an image: staged, then its record, then its job, so that a step repeated changes nothing and a crash
 * after the first leaves enough to go on from.
 */
export async function accept(
  { records, queue, log, stopping }: ApiDeps,
  record: ImageRecord,
  idempotency: Entry['idempotency'],
  commit: (entry: Entry) => Promise<void>,
): Promise<ImageRecord> {
  await commit({ record, idempotency });
  try {
    await records.create(record);
    await queue.process(record.id, record.run);
    return record;
  } catch (error) {
    void undo();
    throw error;
  }

  // The caller is told that nothing was accepted. Redis may have taken the record all the same, so it is removed
  // as soon as Redis answers; the job, if there is one, finds no record and ends.
  async function undo(): Promise<void> {
    while (!stopping.aborted) {
      try {
        const found = await records.get(record.id);
        if (found?.createdAt === record.createdAt) await records.forget(found);
        return;
      } catch (error) {
        log.debug({ err: asError(error), id: record.id }, 'undoing a refused submission');
        await sleep(1000, stopping);
      }
    }
  }
}

/** The record of a submission at its beginning. */
export function newRecord(id: string, owner: string, submission: Submission): ImageRecord {
  const now = isoTime();
  const { options, filename, bytes, sha256, format, declaredType } = submission;
  return {
    id,
    status: 'queued',
    stage: 'received',
    version: 1,
    run: 1,
    attempts: 0,
    owner,
    profile: options.profile,
    externalId: options.externalId,
    metadata: options.metadata,
    batchId: null,
    row: null,
    createdAt: now,
    updatedAt: now,
    finishedAt: null,
    expiresAt: null,
    deleteRequestedAt: null,
    source: {
      kind: 'upload',
      filename,
      bytes,
      sha256,
      mediaType: MEDIA_TYPES[format],
      width: null,
      height: null,
      frames: null,
    },
    url: null,
    variants: {},
    placeholder: null,
    receipt: null,
    timeline: [{ stage: 'received', at: now }],
    error: null,
    internal: { declaredType, holder: null, keys: [], heldSince: null, deaths: 0 },
  };
}
