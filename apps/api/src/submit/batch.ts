import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { judgeAddress } from '@pixdock/shared/runtime/sources/judge-address';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import { FIRST_VERSION, newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import { type BatchState, isBatchSettled } from '@pixdock/shared/state/batches/batch-state';
import type { BatchArrival } from '@pixdock/shared/state/folder-staging/batch-arrival';
import type { TargetBatch, UploadEntry } from '@pixdock/shared/state/uploads/upload-entry';
import { type BatchLimits, type BatchOptions, checkBatchHeaders } from '../batch-formats/batch-options.js';
import type { ItemCounter } from '../batch-formats/collector.js';
import { parseMapping } from '../batch-formats/csv-columns.js';
import { type BatchBody, type ReceivedBatch, receiveItems } from '../batch-formats/receive-items.js';
import { requestBody } from '../body/request-body.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { DiskReservation } from '../limits/disk-quota.js';
import { readBatch } from '../read-batch.js';
import { keyInRequest, keyOfUpload } from './idempotency.js';
import type { NewEntry, SubmissionSteps } from './submit.js';
import { webhookTargetOf } from './webhook-target.js';

type BatchSteps = SubmissionSteps<BatchState, BatchEntry, BatchArrival, ReceivedBatch>;

/** A batch in the body of a request. @throws PixdockError for headers or a query that are refused */
export function batchInRequest(c: ApiContext, deps: ApiDeps, limits: BatchLimits = deps.config): BatchSteps {
  const { owner, token } = c.get('caller');
  const key = keyInRequest(c, deps.config, newBatchId());
  const options = checkBatchHeaders(c, limits);
  const declaredBytes = declaredBytesOf(c);
  const open = async () => ({ chunks: requestBody(c), path: null, async [Symbol.asyncDispose]() {} });
  return {
    ...batchSteps(deps, owner, { options, limits, declaredBytes, open }),
    key,
    findWebhook: () => webhookTargetOf(deps, { owner, token }, options.webhookUrl),
  };
}

/** Checks the rows of a request as `batchInRequest` does, and whether their URLs may be fetched. Creates nothing. */
export async function tryBatch(c: ApiContext, deps: ApiDeps): Promise<ReceivedBatch> {
  const { config } = deps;
  const forbiddenUrl = (url: string) => judgeAddress(url, null, config.sources).forbidden;
  const steps = batchInRequest(c, deps, { ...config, forbiddenUrl, isDryRun: true });
  await steps.findWebhook(null);
  return steps.check();
}

/** A batch whose rows or files are in a complete resumable upload. */
export function batchOfUpload(deps: ApiDeps, upload: UploadEntry, target: TargetBatch): BatchSteps {
  const { owner, webhook } = upload;
  const { columns } = target;
  const mapping = columns === null ? new Map() : parseMapping(columns);

  async function open(): Promise<BatchBody> {
    const file = await deps.staging.uploads.open(upload.id);
    const chunks = createReadStream(file.path);
    // Without a listener, the error of a file that a sweep removed would end the process.
    chunks.on('error', () => {});
    // The reader of a refused file may not read it to its end.
    const close = async () => {
      chunks.destroy();
      await file[Symbol.asyncDispose]();
    };
    return { chunks, path: file.path, [Symbol.asyncDispose]: close };
  }

  const options = { ...target, mapping };
  // The file needs no more space.
  const declaredBytes = UNDECLARED_BYTES;
  return {
    ...batchSteps(deps, owner, { options, limits: deps.config, declaredBytes, open }),
    key: keyOfUpload(upload),
    findWebhook: async () => webhook,
  };
}

export const newBatchId = () => `bat_${randomBytes(16).toString('hex')}`;

/** Rows of an undeclared length reserve their space while they are read. */
const UNDECLARED_BYTES = 1;

/** Of a body with rows or files. */
export const declaredBytesOf = (c: ApiContext) => Number(c.req.header('Content-Length') ?? UNDECLARED_BYTES);

interface BatchInput {
  options: BatchOptions;
  limits: BatchLimits;
  declaredBytes: number;
  open: () => Promise<BatchBody>;
}

/** The steps that both kinds of batches share. */
function batchSteps(deps: ApiDeps, owner: string, { options, limits, declaredBytes, open }: BatchInput) {
  const { shares, staging, batches, queue, events, config } = deps;
  const space = { declaredBytes, firstBytes: 0 };

  async function receive(
    arrival: BatchArrival,
    reservation: DiskReservation,
    counter: ItemCounter | null,
  ): Promise<ReceivedBatch> {
    await using body = await open();
    return await receiveItems(options, body, arrival, limits, reservation, counter);
  }

  return {
    resource: 'batch' as const,
    owner,
    async admit() {
      if (config.profiles.get(options.profile)?.review !== undefined) await shares.admitReviewed(owner);
      return shares.admit(owner, 'batch');
    },
    space,
    token: null,
    arrive: (id: string) => staging.batches.openArrival(id),
    receive,

    async check(): Promise<ReceivedBatch> {
      const id = newBatchId();
      await deps.backlog.expectRedis();
      using reservation = await deps.diskQuota.reserve({ id, owner, ...space });
      await using arrival = await staging.batches.openArrival(id);
      return await receive(arrival, reservation, null);
    },

    composeEntry(received: ReceivedBatch, { id, webhook, idempotency }: NewEntry): BatchEntry {
      const { retentionMs, metadataIndex } = config;
      const secret = randomBytes(32).toString('hex');
      const facts = { ...received.facts, createdAt: isoTime(), retentionMs, metadataIndex };
      return { id, owner, secret, idempotency, webhook, ...facts };
    },

    stateOf: (entry: BatchEntry) => newBatchState(entry, FIRST_VERSION),
    create: (entry: BatchEntry) => batches.create(entry, FIRST_VERSION),
    async forget({ id, createdAt }: BatchEntry): Promise<void> {
      const found = await batches.inRedis(id);
      if (found?.createdAt === Date.parse(createdAt)) await batches.forget(found);
    },
    isSettled: isBatchSettled,
    enqueue: (state: BatchState) => queue.expand(state),
    resume: (state: BatchState) => queue.expand(state),
    noteAccepted: ({ facts }: ReceivedBatch) => events.batchAccepted(facts),
    read: (id: string) => readBatch(deps, id, owner),
  };
}
