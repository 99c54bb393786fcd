import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Image } from '@pixdock/contract/image';
import type { Pixdock } from '../../pixdock.js';
import { parallel } from '../sending/parallel.js';
import { findPublished, isPublished } from './find-published.js';
import { externalIdOf } from './names.js';
import type { FolderState, SentFile } from './state.js';
import type { FoundFile } from './walk.js';

/** Remembered images per lookup, as many as a request may have. */
const REMEMBERED_AT_ONCE = 1000;
/** Files to hash per lookup: a compromise between few requests and an early start. */
const GROUP_SIZE = 50;
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
    const published = await findPublished(
      client,
      group.map(({ sent }) => sent),
      signal,
    );
    for (const { file, sent } of group) {
      const unchanged = published.get(sent.id);
      if (unchanged === undefined) others.push(file);
      else yield { file, unchanged, sha256: '' };
    }
  }
  for (let at = 0; at < others.length; at += GROUP_SIZE)
    yield* findKnown(client, others.slice(at, at + GROUP_SIZE), profile, signal);
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
