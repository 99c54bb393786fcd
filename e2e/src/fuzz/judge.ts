import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_TABLE, type ErrorCode } from '@pixdock/contract/error-table';
import { expect } from 'vitest';
import { untilArriving } from '../api/support.js';
import { until } from '../harness/client.js';
import { liveIds } from '../harness/leftovers.js';
import { type RawResponse, rawRequest, requestHead } from '../harness/raw-http.js';
import type { Stack } from '../harness/stack.js';
import type { Request } from './bodies.js';

/** POSTs a request and checks the response. */
export async function send(
  stack: Stack,
  path: string,
  { type, query, body }: Request,
  headers: Record<string, string> = {},
): Promise<RawResponse> {
  const given = type === null ? {} : { 'Content-Type': type };
  const length = { 'Content-Length': String(body.length) };
  const head = requestHead('POST', `${path}${query}`, { ...given, ...length, ...headers });
  return judge(stack, await rawRequest(stack.api.url, head, body));
}

/** Fails on an internal error, and on a refusal with an unknown code or with internal details. */
export function judge(stack: Stack, response: RawResponse | null): RawResponse {
  if (response === null) throw new Error('the connection ended without a response');
  const { status, headers, body } = response;
  if (status < 400) return response;
  const problem = JSON.parse(body) as { code: ErrorCode };
  expect(headers['content-type']).toBe('application/problem+json');
  expect(ERROR_TABLE[problem.code]?.status, body).toBe(status);
  // An unexpected error also becomes `overloaded`.
  expect(problem.code, body).not.toBe('overloaded');
  for (const inside of [stack.dataDir, 'node_modules', '.js:']) expect(body).not.toContain(inside);
  return response;
}

/** Checks that nothing is arriving, and that staging holds only the accepted images and batches. */
export async function expectStaged(stack: Stack, images: number, batches: number): Promise<void> {
  await untilArriving(stack, 0);
  expect(await liveIds(stack)).toHaveLength(images);
  await until('staging to hold only the accepted batches', 20, async () =>
    batchesIn(stack) === batches ? true : null,
  );
}

function batchesIn({ dataDir }: Stack): number {
  const batches = join(dataDir, 'staging', 'batches');
  return readdirSync(batches).flatMap((shard) => readdirSync(join(batches, shard))).length;
}
