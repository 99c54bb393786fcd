import type { Image } from '@pixdock/contract/image';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { expect } from 'vitest';
import { ask } from './client.js';
import { FAULT_TOKEN, type Stack } from './stack.js';

/** All keys in the bucket. */
export async function listKeys({ oss }: Pick<Stack, 'oss'>): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const query = { 'max-keys': '1000', ...(token && { 'continuation-token': token }) };
    const page = await aliClient(oss).listV2(query, {});
    keys.push(...(page.objects ?? []).map(({ name }) => name));
    token = page.nextContinuationToken;
  } while (token);
  return keys;
}

/** Proves that the objects are exactly the variants of acme's images, with the bytes that the images describe. */
export async function expectOwned(stack: Stack): Promise<void> {
  const { body } = await ask<{ items: Image[] }>(stack, '/v1/images?limit=100');
  const variants = body.items.flatMap((image) => Object.values(image.variants));
  expect((await listKeys(stack)).toSorted()).toEqual(variants.map(({ key }) => key).toSorted());
  for (const { key, etag, bytes } of variants) {
    const { res } = await aliClient(stack.oss).head(key);
    const { etag: stored, 'content-length': length } = res.headers as Record<string, string>;
    expect([stored?.replaceAll('"', '').toLowerCase(), Number(length)], key).toEqual([etag, bytes]);
  }
}

/** Makes the local OSS fail. @param rule described in packages/oss-dev/README.md */
export async function addFault(stack: Stack, rule: object): Promise<void> {
  await control(stack, 'POST', JSON.stringify(rule));
}

/** The rules in order, each with the number of requests that it has affected. */
export async function readFaults(stack: Stack): Promise<{ key?: string; fired: number }[]> {
  return JSON.parse(await control(stack, 'GET', null)).rules;
}

export async function clearFaults(stack: Stack): Promise<void> {
  await control(stack, 'DELETE', null);
}

async function control({ oss }: Stack, method: string, body: string | null): Promise<string> {
  const headers = { Authorization: `Bearer ${FAULT_TOKEN}` };
  const response = await fetch(`${oss.endpoint}/__oss-dev/faults`, { method, headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text;
}
