import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { PixdockError } from '@pixdock/contract/error';
import type { Language } from '@pixdock/contract/messages/text';
import { builtInProfiles } from '@pixdock/contract/profile';
import type { NewItem } from '@pixdock/shared/state/batches/manifest-item';
import { type BatchArrival, openBatchArrival } from '@pixdock/shared/state/folder-staging/batch-arrival';
import { openFolderBatches } from '@pixdock/shared/state/folder-staging/folder-batches';
import { openFolderFiles } from '@pixdock/shared/state/folder-staging/folder-files';
import { type StagingLayout, stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { type StoredError, sayStoredError } from '@pixdock/shared/state/images/stored-error';
import { openStagedBatches } from '@pixdock/shared/state/staged/staged-batches';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { Hono } from 'hono';
import { requestBody } from '../../body/request-body.js';
import type { ApiEnv } from '../../http/env.js';
import { type BatchLimits, checkBatchHeaders } from '../batch-options.js';
import { type ReceivedBatch, receiveItems } from '../receive-items.js';

export const LIMITS: BatchLimits = {
  maxUploadBytes: 1000,
  acceptFormats: ['jpeg'],
  profiles: builtInProfiles(),
  maxBatchItems: 1000,
  maxBatchBytes: 10_000_000,
};
const ID = `bat_${'0'.repeat(32)}`;

interface Request {
  type: string;
  body: string | Buffer | AsyncIterable<Buffer>;
  query?: string;
  /** Bytes of each chunk of the body. */
  size?: number;
  limits?: Partial<BatchLimits>;
  /** Inspects the committed batch before it is removed. */
  inspect?: (files: ReturnType<typeof batchFiles>) => Promise<void>;
  /** Awaited before each item is added; the result then has no items. */
  onItem?: (item: NewItem) => Promise<void> | void;
}

/** The sentence of a fault. */
export const say = (fault: StoredError | null | undefined, language: Language = 'en') =>
  fault ? sayStoredError(fault, language) : null;

type Outcome = ReceivedBatch['facts'] & Omit<ReceivedBatch, 'facts'> & { items: NewItem[] };

/**
 * Receives a body into a real arrival, in a temporary folder, and reads the items of the committed batch.
 * @throws the error of `receiveItems`
 */
export async function receiveBody(request: Request): Promise<Outcome> {
  const dataDir = await mkdtemp(join(tmpdir(), 'items-test-'));
  try {
    const layout = stagingLayout(dataDir);
    const arrival = await openBatchArrival(layout, ID);
    const received = await ask(request, arrival);
    if (received instanceof Error) {
      await arrival[Symbol.asyncDispose]();
      throw received;
    }
    await arrival.commit({
      id: ID,
      owner: 'acme',
      ...received.facts,
      secret: '0'.repeat(64),
      createdAt: new Date().toISOString(),
      retentionMs: 1000,
      metadataIndex: [],
      idempotency: null,
      webhook: null,
    });
    await request.inspect?.(batchFiles(layout.batch(ID)));
    const { facts, ...others } = received;
    return { ...facts, ...others, items: request.onItem === undefined ? await readItems(layout) : [] };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function readItems(layout: StagingLayout): Promise<NewItem[]> {
  const manifest = await openStagedBatches(openFolderFiles(layout.root), openFolderBatches(layout)).open(ID);
  const items: NewItem[] = [];
  for await (const { place, item, cells } of manifest?.itemsWithCells(0) ?? [])
    items.push({ ...item, cells, origin: (await manifest?.origin(place)) ?? null });
  return items;
}

/** The code and English detail of a refusal. */
export async function refusalOf(request: Request): Promise<string> {
  const refusal: unknown = await receiveBody(request).then(
    (received) => JSON.stringify(received),
    (error: unknown) => error,
  );
  if (refusal instanceof PixdockError) return refusal.message;
  throw refusal instanceof Error ? refusal : new Error(`it was accepted: ${String(refusal)}`);
}

async function ask(request: Request, arrival: BatchArrival): Promise<ReceivedBatch | Error> {
  const watched: BatchArrival = {
    ...arrival,
    async add(item) {
      await request.onItem?.(item);
      return arrival.add(item);
    },
  };
  let outcome: ReceivedBatch | Error = new Error('no outcome');
  const app = new Hono<ApiEnv>().post('/', async (c) => {
    const limits = { ...LIMITS, ...request.limits };
    const receive = async () => {
      const options = checkBatchHeaders(c, limits);
      const input = { chunks: requestBody(c), path: null };
      return receiveItems(options, input, watched, limits, { growTo: async () => {} });
    };
    outcome = await receive().catch((error: Error) => error);
    return c.body(null);
  });
  const { body, size = 65_536 } = request;
  const chunks = typeof body === 'string' || Buffer.isBuffer(body) ? chunksOf(Buffer.from(body), size) : body;
  // Like a request of Node: a web stream would read ahead and add its own errors.
  const incoming = Object.assign(Readable.from(chunks, { objectMode: false }), { headers: {} });
  incoming.on('error', () => {});
  const headers = { 'Content-Type': request.type };
  await app.request(`/${request.query ?? ''}`, { method: 'POST', headers }, { incoming });
  return outcome;
}

async function* chunksOf(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}
