import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Image, imageSchema } from '@pixdock/contract/image';
import { isDeletedStatus } from '@pixdock/contract/status';
import type { ObjectStore } from '@pixdock/object-store/types';
import { sleep } from '@pixdock/shared/runtime/clock';
import { fetchPublicUrl } from '../../doctor/fetch-public-url.js';
import type { Check } from '../check.js';
import { foundOrNot, namesIn, sameOrOther } from '../observations.js';
import { CHECKOUT, type RunningServices } from '../services.js';

const PICTURES = ['examples/photo.jpg', 'docs/images/console-batch-light.png'];

/** Each picture goes through API, queue and worker, as those of users do. @param services once they run */
export function pictureChecks(services: () => Promise<RunningServices>): readonly Check[] {
  return PICTURES.map((path) => ({
    topic: 'pictures',
    name: `${basename(path)} is published by the services, and deleted`,
    expected:
      'published; main: same object, same public bytes; thumb: same object, same public bytes; then deleted, not found',
    async observe({ store, scratch, signal }) {
      // At the end a listing names what the services have stored.
      await namesIn(store, scratch, null);
      const running = await services();
      const image = await submit(running, path, signal);
      if (image.status !== 'published') return `${image.status}, ${image.error?.code}`;
      const variants = [];
      for (const name of Object.keys(image.variants)) variants.push(await compare(store, image, name));
      const { status } = await untilDeleted(running, image.id, signal);
      const left = await store.head(image.variants.main?.key ?? '');
      return `published; ${variants.join('; ')}; then ${status}, ${foundOrNot(left)}`;
    },
  }));
}

async function submit(services: RunningServices, path: string, signal?: AbortSignal): Promise<Image> {
  const body = new FormData();
  body.append('file', new Blob([await readFile(join(CHECKOUT, path))]), basename(path));
  const first = await call(services, '/v1/images', signal, { method: 'POST', body });
  return call(services, `/v1/images/${first.id}`, signal, { headers: { Prefer: 'wait=60' } });
}

async function untilDeleted(services: RunningServices, id: string, signal?: AbortSignal): Promise<Image> {
  let image = await call(services, `/v1/images/${id}`, signal, { method: 'DELETE' });
  for (const deadline = Date.now() + DELETE_MS; !isDeletedStatus(image.status) && Date.now() < deadline; ) {
    await sleep(POLL_MS, signal);
    image = await call(services, `/v1/images/${id}`, signal);
  }
  return image;
}

const DELETE_MS = 60_000;
const POLL_MS = 300;

async function call(
  { url, key }: RunningServices,
  path: string,
  signal: AbortSignal | undefined,
  init: RequestInit = {},
): Promise<Image> {
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${key}`);
  const response = await fetch(`${url}${path}`, { ...init, headers, ...(signal && { signal }) });
  return imageSchema.parse(await response.json());
}

/** Compares what the API says of a variant with its object and with the bytes at its URL. */
async function compare(store: ObjectStore, { variants }: Image, name: string): Promise<string> {
  const { key, url, bytes, etag } = variants[name] ?? { key: '', url: '', bytes: 0, etag: '' };
  const found = await store.head(key);
  const { status, body } = await fetchPublicUrl(url ?? '');
  const isSame = hash('md5', body) === etag;
  return [
    `${name}: ${sameOrOther('object', found?.etag === etag && found.bytes === bytes)}`,
    status === 200 ? sameOrOther('public bytes', isSame) : `public status ${status}`,
  ].join(', ');
}
