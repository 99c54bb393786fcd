import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Image } from '@pixdock/contract/image';
import { openLeaks } from './leaks.js';
import type { Stack } from './stack.js';

const ACME = { Authorization: 'Bearer key-of-the-owner-acme' };
export const OTHER = { Authorization: 'Bearer key-of-the-owner-other' };

export interface ApiResponse<T = Image> {
  status: number;
  headers: Headers;
  body: T & { code?: string; detail?: string; image?: Image };
}

interface Bytes {
  status: number;
  headers: Headers;
  bytes: Buffer;
}

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

/** Sends a request to the API as acme and parses the response as JSON. */
export async function ask<T = Image>(stack: Stack, path: string, init: Init = {}): Promise<ApiResponse<T>> {
  const { status, headers, bytes } = await request(stack, path, init);
  const text = bytes.toString('utf8');
  return { status, headers, body: text === '' ? {} : JSON.parse(text) };
}

/** Sends a request to the API as acme. @throws when the response reveals a secret */
export async function request(stack: Stack, path: string, init: Init = {}): Promise<Bytes> {
  const response = await fetch(new URL(path, stack.api.url), {
    ...init,
    headers: { ...ACME, ...init.headers },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const head = [...response.headers].map((header) => header.join(': ')).join('\n');
  const leaks = openLeaks(stack.env).inResponse(`${head}\n\n${bytes.toString('utf8')}`);
  if (leaks.length > 0) throw new Error(`the response to ${path} reveals ${leaks.join(', ')}`);
  return { status: response.status, headers: response.headers, bytes };
}

/** Repeats a request that the server cannot serve now, as a client does. */
export const untilServed = <T extends { status: number }>(send: () => Promise<T>): Promise<T> =>
  until('a response other than 503', 60, async () => {
    const response = await send();
    return response.status === 503 ? null : response;
  });

export interface UploadOptions {
  fields?: Record<string, string>;
  headers?: Record<string, string>;
  filename?: string;
  type?: string;
}

/** POST /v1/images as a form. */
export function upload(stack: Stack, bytes: Uint8Array, options: UploadOptions = {}): Promise<ApiResponse> {
  const form = new FormData();
  for (const [name, value] of Object.entries(options.fields ?? {})) form.append(name, value);
  const blob = new Blob([new Uint8Array(bytes)], { type: options.type ?? 'image/jpeg' });
  form.append('file', blob, options.filename ?? 'photo.jpg');
  return ask(stack, '/v1/images', { method: 'POST', body: form, headers: options.headers ?? {} });
}

/** Uploads and waits for the image to be final. */
export async function uploadAndWait(
  stack: Stack,
  bytes: Uint8Array,
  options: UploadOptions = {},
): Promise<Image> {
  const response = await upload(stack, bytes, options);
  if (response.status !== 202) throw new Error(`${response.status} ${JSON.stringify(response.body)}`);
  return untilFinal(stack, response.body.id);
}

/** Reads the image with `Prefer: wait` until it is final, through outages too. */
export async function untilFinal(stack: Stack, id: string, seconds = 60): Promise<Image> {
  return until(`${id} to be final`, seconds, async () => {
    const { status, body } = await ask(stack, `/v1/images/${id}`, { headers: { Prefer: 'wait=5' } });
    if (status === 200 && !['queued', 'processing'].includes(body.status)) return body;
    throw new Error(`the last response was ${status} ${JSON.stringify(body)}`);
  });
}

const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 500;
/** Of the time so far: a long wait costs less CPU time and ends at most a tenth later. */
const PAUSE_SHARE = 0.1;

/** Most that a wait is extended on a machine with other work. */
const MAX_EXTENSION = 4;
/** How much longer everything takes while several processes share each core. */
const extension = () => Math.min(MAX_EXTENSION, Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()));

/**
 * Repeats `check` until it returns a value; an error counts as null.
 * @param seconds on a machine that has nothing else to do
 */
export async function until<T>(what: string, seconds: number, check: () => Promise<T | null>): Promise<T> {
  const began = performance.now();
  const waitedMs = () => performance.now() - began;
  let last: unknown = null;
  while (waitedMs() < seconds * 1000 * extension()) {
    try {
      const value = await check();
      if (value !== null) return value;
    } catch (error) {
      last = error;
    }
    const pauseMs = Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, PAUSE_SHARE * waitedMs()));
    await sleep(pauseMs);
  }
  throw new Error(`waited ${Math.round(waitedMs() / 1000)} s for ${what}`, { cause: last });
}
