import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Batch, batchSchema } from '@pixdock/contract/batch';
import { FINAL_STATUSES, type Image } from '@pixdock/contract/image';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { expect } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { type ApiResponse, ask, request, until } from '../harness/client.js';
import { staged } from '../harness/leftovers.js';
import { picture } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';

/** Names of the images at `/image/NAME/ANYTHING` of both source servers: different small JPEGs, and `webp`. */
const IMAGES = ['a', 'b', 'c', 'd', 'e'] as const;

export interface BatchStack extends Stack {
  /** A source server that the worker may reach. */
  source: SourceServer;
  /** A second source server, on another port. */
  other: SourceServer;
}

/** All parts and two source servers; the worker may reach these and the `allowed` addresses. */
export async function startBatchStack(
  extra: Record<string, string> = {},
  allowed: string[] = [],
): Promise<BatchStack> {
  const type: string = 'image/jpeg';
  const images = Object.fromEntries(
    await Promise.all(IMAGES.map(async (name, i) => [name, { bytes: await tiny(20 + i), type }] as const)),
  );
  images.webp = { bytes: await picture(30, 30).webp().toBuffer(), type: 'image/webp' };
  const [source, other] = await Promise.all([startSourceServer({ images }), startSourceServer({ images })]);
  const stack = await startStack({
    SOURCE_ALLOW: [source.host, other.host, ...allowed].join(),
    ...extra,
  });
  const stopStack = stack.stop.bind(stack);
  return Object.assign(stack, {
    source,
    other,
    async stop() {
      try {
        await stopStack();
      } finally {
        await Promise.all([source.stop(), other.stop()]);
      }
    },
  });
}

export const tiny = (size: number) => picture(size, size).jpeg({ quality: 70 }).toBuffer();

export interface Row {
  url: string;
  externalId?: string;
  profile?: string;
  sha256?: string;
  headers?: Record<string, string>;
}

/** Rows with different URLs; with `slowMs`, the source responds after that time. */
export function rows(url: string, count: number, slowMs = 0): Row[] {
  const query = slowMs === 0 ? '' : `?delay=${slowMs}`;
  return Array.from({ length: count }, (_, i) => ({
    url: `${url}/image/a/${i}${query}`,
    externalId: `row-${i + 1}`,
  }));
}

export const ndjson = (items: readonly object[]) => items.map((item) => `${JSON.stringify(item)}\n`).join('');

export type Body = NonNullable<RequestInit['body']>;

interface Sending {
  type?: string;
  query?: string;
  headers?: Record<string, string>;
}

/** POST /v1/batches; the default type is NDJSON. */
export function send(
  stack: Stack,
  body: Body,
  { type = 'application/x-ndjson', query = '', headers = {} }: Sending = {},
): Promise<ApiResponse<Batch>> {
  const contentType: Record<string, string> = body instanceof FormData ? {} : { 'Content-Type': type };
  return ask<Batch>(stack, `/v1/batches${query}`, {
    method: 'POST',
    body,
    headers: { ...contentType, ...headers },
  });
}

/** Submits rows and returns the accepted batch. */
export async function submit(stack: Stack, items: readonly object[], sending: Sending = {}): Promise<Batch> {
  return accepted(await send(stack, ndjson(items), sending));
}

export function accepted(response: ApiResponse<Batch>): Batch {
  expect([response.status, response.body.code ?? null, response.body.detail ?? '']).toEqual([202, null, '']);
  expect(response.headers.get('location')).toBe(`/v1/batches/${response.body.id}`);
  return batchSchema.parse(response.body);
}

export const readBatch = (stack: Stack, id: string, headers: Record<string, string> = {}) =>
  ask<Batch>(stack, `/v1/batches/${id}`, { headers });

export const sumOf = ({ counts }: Batch) => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Waits until no item of the batch is in progress, also through outages. */
export function untilFinished(stack: Stack, id: string, seconds = 60): Promise<Batch> {
  return untilBatch(stack, id, 'to be finished', ({ status }) => status !== 'running', seconds);
}

export async function untilBatch(
  stack: Stack,
  id: string,
  what: string,
  enough: (batch: Batch) => boolean,
  seconds = 60,
): Promise<Batch> {
  let last: Batch | null = null;
  const reached = until(`${id} ${what}`, seconds, async () => {
    const etag: Record<string, string> = last === null ? {} : { 'If-None-Match': `"${last.version}"` };
    const { status, body } = await readBatch(stack, id, { Prefer: 'wait=2', ...etag });
    if (status === 200) last = body;
    if (last === null || status >= 400) return null;
    expect(sumOf(last)).toBe(last.total);
    return enough(last) ? last : null;
  });
  return reached.catch((error) => {
    throw new Error(`${error.message}; it is ${JSON.stringify(last)}`, { cause: error });
  });
}

/** All pages of a list. */
export async function pages<T = Image>(stack: Stack, path: string, limit = 100): Promise<T[]> {
  const all: T[] = [];
  let cursor = '';
  do {
    const joint = path.includes('?') ? '&' : '?';
    const { status, body } = await ask<{ items: T[]; next?: string }>(
      stack,
      `${path}${joint}limit=${limit}${cursor}`,
    );
    expect(status).toBe(200);
    all.push(...body.items);
    cursor = body.next === undefined ? '' : `&cursor=${encodeURIComponent(body.next)}`;
  } while (cursor !== '');
  return all;
}

export const itemsOf = (stack: Stack, id: string, query = '') =>
  pages(stack, `/v1/batches/${id}/items${query}`);

/** Text of a report. */
export async function report(
  stack: Stack,
  id: string,
  form: 'csv' | 'ndjson',
  language = 'en',
): Promise<string> {
  const path = `/v1/batches/${id}/report.${form}`;
  const { status, bytes } = await request(stack, path, { headers: { 'Accept-Language': language } });
  expect(status).toBe(200);
  return bytes.toString('utf8');
}

export interface ReportLine {
  row: number;
  id: string;
  externalId: string | null;
  status: string;
  url: string | null;
  code: string | null;
  reason: string | null;
  position: number | null;
  source: { url: string | null };
  columns: Record<string, string>;
}

export async function reportLines(stack: Stack, id: string, language = 'en'): Promise<ReportLine[]> {
  const text = await report(stack, id, 'ndjson', language);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** The images, uploads and batches in staging. */
export function stagedBatches({ dataDir }: Stack): string[] {
  const folder = join(dataDir, 'staging', 'batches');
  return readdirSync(folder).flatMap((shard) => readdirSync(join(folder, shard)));
}

/**
 * Expects that all state is consistent: each item is final once, counts and report match the items, the bucket contains
 * exactly the objects of the published items, and staging no source.
 * @param others other expected keys in the bucket
 */
export async function expectWhole(
  stack: Stack,
  ids: readonly string[],
  others: string[] = [],
): Promise<Image[]> {
  const all: Image[] = [];
  for (const id of ids) {
    const { body: batch } = await readBatch(stack, id);
    if (batch.deleteRequestedAt !== null && batch.counts.deleted === batch.total) {
      await untilBuried(stack, id);
      continue;
    }
    const items = await itemsOf(stack, id);
    expect(items).toHaveLength(batch.total);
    expect(new Set(items.map((item) => item.id)).size).toBe(batch.total);
    expect(items.filter(({ status }) => !FINAL_STATUSES.includes(status))).toEqual([]);
    const counts = Object.fromEntries(Object.keys(batch.counts).map((status) => [status, 0]));
    for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1;
    expect(batch.counts).toEqual(counts);
    const lines = await reportLines(stack, id);
    expect(lines.map((line) => [line.id, line.status])).toEqual(items.map((item) => [item.id, item.status]));
    all.push(...items);
  }
  const keys = all.flatMap(({ variants }) => Object.values(variants).map(({ key }) => key));
  const owned = new Set([...keys, ...others]);
  const found = new Set(await listKeys(stack));
  const orphans = [...found].filter((key) => !owned.has(key));
  const missing = [...owned].filter((key) => !found.has(key));
  expect({ orphans, missing }).toEqual({ orphans: [], missing: [] });
  for (const { status, variants } of all) expect('main' in variants).toBe(status === 'published');
  await untilStagingIsEmpty(stack);
  return all;
}

/** Waits until only the entry and the tombstone of a deleted batch remain. */
export async function untilBuried(stack: Stack, id: string): Promise<void> {
  const folder = stagingLayout(stack.dataDir).batch(id);
  const names = () => readdirSync(folder).toSorted().join();
  await until(`${id} to be cleared`, 20, async () => (names() === 'batch.json,tombstone.json' ? true : null));
  for (const path of ['/items', '/report.csv', '/report.ndjson'])
    expect((await ask(stack, `/v1/batches/${id}${path}`)).status).toBe(404);
}

async function untilStagingIsEmpty(stack: Stack): Promise<void> {
  await until('staging to be empty', 20, async () => (staged(stack).length === 0 ? true : null)).catch(() =>
    expect(staged(stack)).toEqual([]),
  );
}
