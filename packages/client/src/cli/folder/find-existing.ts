import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Image } from '@pixdock/contract/image';
import type { Pixdock } from '../../pixdock.js';
import { parallel } from '../sending/parallel.js';
import type { FolderState, SentFile } from './state.js';
import type { FoundFile } from './walk.js';

/** Files per lookup: a compromise between few requests and an early start. */
const GROUP_SIZE = 50;
/** Files hashed at the same time. */
const HASHING = 4;

/** A file in the folder and its published image, if any. */
export interface FolderFile {
  file: FoundFile;
  /** Sent by an earlier run and not changed since. */
  unchanged?: SentFile;
  /** Empty if the file is unchanged or could not be read. */
  sha256: string;
  /** An image published from the same bytes with the same profile. */
  known?: Image;
  /** The error of an unreadable file. */
  fault?: unknown;
}

/** Hashes files and looks up their published images, so that known bytes are not sent. */
export async function* findExisting(
  client: Pixdock,
  files: readonly FoundFile[],
  state: FolderState,
  profile: string,
  signal: AbortSignal,
): AsyncGenerator<FolderFile> {
  for (let at = 0; at < files.length; at += GROUP_SIZE) {
    const group = files.slice(at, at + GROUP_SIZE).map((file): FolderFile => {
      const unchanged = state.find(file);
      return { file, sha256: '', ...(unchanged && { unchanged }) };
    });
    const fresh = group.filter(({ unchanged }) => unchanged === undefined);
    await parallel(fresh, HASHING, async (entry) => {
      try {
        entry.sha256 = await hash(entry.file.absolute, signal);
      } catch (error) {
        signal.throwIfAborted();
        entry.fault = error;
      }
    });
    const found = await publishedBy(client, fresh, profile, signal);
    for (const entry of group) {
      const known = found.get(entry.sha256);
      yield known === undefined ? entry : { ...entry, known };
    }
  }
}

async function publishedBy(
  client: Pixdock,
  files: readonly FolderFile[],
  profile: string,
  signal: AbortSignal,
): Promise<Map<string, Image>> {
  const hashes = files.map(({ sha256 }) => sha256).filter((sha256) => sha256 !== '');
  const found = new Map<string, Image>();
  for (const image of await client.images.lookup(hashes, { signal })) {
    const { sha256 } = image.source;
    if (sha256 !== null && image.profile === profile && image.status === 'published')
      found.set(sha256, image);
  }
  return found;
}

async function hash(path: Buffer, signal: AbortSignal): Promise<string> {
  const sum = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) sum.update(chunk);
  return sum.digest('hex');
}
