import type { Image } from '@pixdock/contract/image';
import { PixdockApiError } from '../../error.js';
import type { Pixdock } from '../../pixdock.js';
import { parallel } from '../sending/parallel.js';
import type { SentFile } from './state.js';

/** Images read at the same time. */
const READS = 8;

/**
 * Asks the server which images of earlier runs are still published; returns them by id. One lookup covers 1,000 files,
 * but names only the newest image of each digest: the others, and images past their retention, are read by id.
 */
export async function findPublished(
  client: Pixdock,
  remembered: readonly SentFile[],
  signal: AbortSignal,
): Promise<Map<string, Image>> {
  const found = new Map<string, Image>();
  const add = (image: Image) => {
    if (isPublished(image)) found.set(image.id, image);
  };
  for (const image of await client.images.lookup(
    remembered.map(({ sha256 }) => sha256),
    { signal },
  ))
    add(image);
  const unseen = remembered.filter(({ id }) => !found.has(id));
  await parallel(unseen, READS, async ({ id }) => {
    const image = await readImage(client, id, signal);
    if (image !== null) add(image);
  });
  return found;
}

/** Whether the image has a URL, and no deletion is in progress. */
export function isPublished({ status, url, deleteRequestedAt }: Image): boolean {
  return status === 'published' && url !== null && deleteRequestedAt === null;
}

/** Null for an unknown id, and for an image of another owner. */
async function readImage(client: Pixdock, id: string, signal: AbortSignal): Promise<Image | null> {
  try {
    return await client.images.get(id, { signal });
  } catch (error) {
    if (error instanceof PixdockApiError && error.code === 'not_found') return null;
    throw error;
  }
}
