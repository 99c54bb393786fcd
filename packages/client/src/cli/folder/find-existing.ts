import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Image } from '@pixdock/contract/image';
import { PixdockApiError } from '../../error.js';
import type { Pixdock } from '../../pixdock.js';
import { parallel } from '../sending/parallel.js';
import { externalIdOf } from './names.js';
import type { FolderState, SentFile } from './state.js';
import type { FoundFile } from './walk.js';

/** Remembered images per lookup, as many as a request may have. */
const REMEMBERED_AT_ONCE = 1000;
/** Files to hash per lookup: a compromise between few requests and an early start. */
const GROUP_SIZE = 50;
/** Images read at the same time. */
const READS = 8;
/** Files hashed at the same time. */
const HASHING = 4;

/** A file in the folder and its published image, if any. */
export interface FolderFile {
  file: FoundFile;
  /** The image of an earlier run; the file has not changed since, and the server still has the image. */
  unchanged?: Image;
  /** Empty if the file is unchanged or could not be read. */
  sha256: string;
  /** An image published from the same bytes and the same path with the same profile. */
  known?: Image;
  /** The error of an unreadable file. */
  fault?: unknown;
}

interface RememberedFile {
  file: FoundFile;
  sent: SentFile;
}

/** Finds the published images of files: first those that an earlier run has sent, then all others by their digests. */
export async function* findExisting(
  client: Pixdock,
  files: readonly FoundFile[],
  state: FolderState,
  profile: string,
  signal: AbortSignal,
): AsyncGenerator<FolderFile> {
  const remembered: RememberedFile[] = [];
  const others: FoundFile[] = [];
  for (const file of files) {
    const sent = state.find(file);
    if (sent === undefined) others.push(file);
    else remembered.push({ file, sent });
  }
  for (let at = 0; at < remembered.length; at += REMEMBERED_AT_ONCE) {
    const group = remembered.slice(at, at + REMEMBERED_AT_ONCE);
    const sent = group.map((one) => one.sent);
    const published = await findPublished(client, sent, signal);
    for (const {
      file,
      sent: { id },
    } of group) {
      const unchanged = published.get(id);
      if (unchanged === undefined) others.push(file);
      else yield { file, unchanged, sha256: '' };
    }
  }
  for (let at = 0; at < others.length; at += GROUP_SIZE)
    yield* findKnown(client, others.slice(at, at + GROUP_SIZE), profile, signal);
}

/**
 * Asks the server which images of earlier runs are still published; returns them by id. One lookup covers 1,000 files,
 * but names only the newest image of each digest: the others, and images past their retention, are read by id.
 */
async function findPublished(
  client: Pixdock,
  remembered: readonly SentFile[],
  signal: AbortSignal,
): Promise<Map<string, Image>> {
  const found = new Map<string, Image>();
  const add = (image: Image) => {
    if (isPublished(image)) found.set(image.id, image);
  };
  const hashes = remembered.map(({ sha256 }) => sha256);
  for (const image of await client.images.lookup(hashes, { signal })) add(image);
  const unseen = remembered.filter(({ id }) => !found.has(id));
  await parallel(unseen, READS, async ({ id }) => {
    const image = await readImage(client, id, signal);
    if (image !== null) add(image);
  });
  return found;
}

/** Whether the image has a URL, and no deletion is in progress. */
function isPublished({ status, url, deleteRequestedAt }: Image): boolean {
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

/** Hashes files and looks up their published images, so that known files are not sent. */
async function* findKnown(
  client: Pixdock,
  files: readonly FoundFile[],
  profile: string,
  signal: AbortSignal,
): AsyncGenerator<FolderFile> {
  const group = files.map((file): FolderFile => ({ file, sha256: '' }));
  await parallel(group, HASHING, async (found) => {
    try {
      found.sha256 = await hash(found.file.absolute, signal);
    } catch (error) {
      signal.throwIfAborted();
      found.fault = error;
    }
  });
  const hashes = group.map(({ sha256 }) => sha256).filter((sha256) => sha256 !== '');
  const images = await client.images.lookup(hashes, { signal });
  for (const found of group) {
    const sameBytes = images.filter((image) => hasBytes(image, found.sha256, profile));
    const known =
      sameBytes.length === 0 ? undefined : await findAtPath(client, sameBytes, found, profile, signal);
    yield known === undefined ? found : { ...found, known };
  }
}

/** The image with the bytes and the path of a file. The lookup names only one of several images with the same bytes. */
async function findAtPath(
  client: Pixdock,
  sameBytes: readonly Image[],
  { file, sha256 }: FolderFile,
  profile: string,
  signal: AbortSignal,
): Promise<Image | undefined> {
  const externalId = externalIdOf(file.path);
  const found = sameBytes.find((image) => image.externalId === externalId);
  if (found !== undefined) return found;
  for await (const image of client.images.list({ externalId, status: 'published', signal }))
    if (hasBytes(image, sha256, profile)) return image;
  return undefined;
}

function hasBytes(image: Image, sha256: string, profile: string): boolean {
  return sha256 !== '' && image.source.sha256 === sha256 && image.profile === profile && isPublished(image);
}

async function hash(path: Buffer, signal: AbortSignal): Promise<string> {
  const sum = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) sum.update(chunk);
  return sum.digest('hex');
}
