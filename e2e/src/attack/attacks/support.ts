import type { Socket } from 'node:net';
import { sleep } from '@pixdock/shared/runtime/clock';
import sharp from 'sharp';
import type { Stack } from '../../harness/stack.js';
import type { Alice } from '../alice/alice.js';
import { get, post } from '../alice/request.js';
import { FREED_WITHIN_MS } from '../judge.js';

export const CSV = 'text/csv';
export const NDJSON = 'application/x-ndjson';
export const KIB = 1024;
export const MIB = 1024 * KIB;

/** The first bytes of a JPEG, so that the upload is not refused for its type. */
export const JPEG_HEAD = '\xff\xd8\xff\xe0';

export const IMAGES = '/v1/images';
export const JPEG = 'image/jpeg';
export const JSON_TYPE = 'application/json';
export const BATCHES = '/v1/batches';
export const DRY_RUN = '/v1/batches?dryRun=true';
export const PREVIEW = '/v1/batches/preview';

export const flat = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#3a7' } });
export const jpegOf = (width: number, height: number): Promise<Buffer> =>
  flat(width, height).jpeg().toBuffer();

const ID = /"id":"((?:img|bat)_[0-9a-f]{32})"/;

/** Ids of the images and batches that the responses say were created. */
export function idsIn(bodies: readonly string[]): string[] {
  return bodies.flatMap((body) => ID.exec(body)?.[1] ?? []);
}

/** Submits one batch and returns its id; null when it was refused. */
export async function submitBatch(alice: Alice, type: string, body: string): Promise<string | null> {
  const reply = await alice.send(post(BATCHES, type, body), { keepsBody: true });
  return reply.status === '202' ? (idsIn([reply.body])[0] ?? null) : null;
}

/** Deletes batches or images, a few at a time. */
export async function deleteAll(alice: Alice, ids: readonly string[]): Promise<void> {
  await alice.flood({
    connections: 4,
    total: ids.length,
    request: (n) => get(pathOf(ids[n] ?? ''), {}, 'DELETE'),
  });
}

/** Sends a request as an owner, from the process that owns the stack. */
export async function askAs(
  owner: 'alice' | 'bob',
  api: string,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: Listing }> {
  const headers = { Authorization: `Bearer key-of-the-owner-${owner}`, ...(init.headers as object) };
  const response = await fetch(new URL(path, api), { ...init, headers });
  const text = await response.text();
  // The deletion of an endpoint has no body.
  return { status: response.status, body: JSON.parse(text || '{}') as Listing };
}

/** An image or a list. */
export interface Listing {
  id: string;
  status: string;
  items: { id: string; status: string; stage: string; deleteAt: string | null }[];
}

/** Deletes alice's images, batches or endpoints on one page, from the process that owns the stack. */
export async function deleteListed({ api }: Stack, page: string): Promise<void> {
  const { body } = await askAs('alice', api.url, page);
  const [path] = page.split('?');
  for (const { id } of body.items) await askAs('alice', api.url, `${path}/${id}`, { method: 'DELETE' });
}

/** Waits until a condition holds; false if it does not within the time after which what was deleted must be gone. */
export async function isTrueInTime(
  condition: () => Promise<boolean>,
  withinMs = FREED_WITHIN_MS,
): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > until) return false;
    await sleep(500);
  }
  return true;
}

export const pathOf = (id: string) => (id.startsWith('bat_') ? `/v1/batches/${id}` : `/v1/images/${id}`);

/** NDJSON rows with different URLs. */
export function rowsOf(source: string, path: string, count: number, extra = ''): string {
  const line = (_: unknown, n: number) => `{"url":"${source}${path}?n=${n}"${extra}}\n`;
  return Array.from({ length: count }, line).join('');
}

/** Sends a request on many connections whose responses are never read. */
export async function neverRead(
  alice: Alice,
  connections: number,
  [request = Buffer.alloc(0)]: Buffer[],
): Promise<void> {
  const open = async () => {
    const socket = await alice.socket();
    socket?.pause();
    socket?.write(request);
  };
  await Promise.all(Array.from({ length: connections }, open));
}

/** Writes a piece every second until the socket is closed or the attack is over. */
export async function writeEachSecond(alice: Alice, socket: Socket, piece: Uint8Array): Promise<void> {
  while (!socket.destroyed && !alice.signal.aborted) {
    if (piece.length > 0) socket.write(piece);
    await alice.wait(1000);
  }
}
