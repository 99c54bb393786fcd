import { type Batch, batchSchema } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { expect } from 'vitest';
import { type ApiResponse, ask, until, untilServed } from '../harness/client.js';
import type { Stack } from '../harness/stack.js';

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

/** All pages of a list. A busy machine may make Redis late for a moment. */
export async function pages<T = Image>(stack: Stack, path: string, limit = 100): Promise<T[]> {
  const all: T[] = [];
  let cursor = '';
  do {
    const joint = path.includes('?') ? '&' : '?';
    const page = `${path}${joint}limit=${limit}${cursor}`;
    const { status, body } = await untilServed(() => ask<{ items: T[]; next?: string }>(stack, page));
    expect(status).toBe(200);
    all.push(...body.items);
    cursor = body.next === undefined ? '' : `&cursor=${encodeURIComponent(body.next)}`;
  } while (cursor !== '');
  return all;
}

export const itemsOf = (stack: Stack, id: string, query = '') =>
  pages(stack, `/v1/batches/${id}/items${query}`);
