import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Image } from '@pixdock/contract/image';
import type { Pixdock } from '../../pixdock.js';
import { parallel } from '../sending/parallel.js';
import type { FolderState, Sent } from './state.js';
import type { FoundFile } from './walk.js';

/** Files looked up in one request: enough to make requests few, and little enough to begin soon. */
const GROUP = 50;
const HASHING = 4;

/** A file, and what is there of it already. */
export interface LookedUp {
  file: FoundFile;
  /** Sent from here before, and not changed since. */
  unchanged?: Sent;
  /** Empty where it is unchanged or could not be read. */
  sha256: string;
  /** Published from the same bytes with the same profile, whoever sent them. */
  known?: Image;
  /** Why it could not be read. */
  fault?: unknown;
}

/** Hash first: nothing is sent that the server has. */
export async function* lookUp(
  client: Pixdock,
  files: readonly FoundFile[],
  state: FolderState,
  profile: string,
  signal: AbortSignal,
): AsyncGenerator<LookedUp> {
  for (let at = 0; at < files.length; at += GROUP) {
    const group = files.slice(at, at + GROUP).map((file): LookedUp => {
      const unchanged = state.find(file);
      return { file, sha256: '', ...(unchanged && { unchanged }) };
    });
    const fresh = group.filter(({ unchanged }) => unchanged === undefined);
    await parallel(fresh, HASHING, async (one) => {
      try {
        one.sha256 = await hash(one.file.absolute, signal);
      } catch (error) {
        signal.throwIfAborted();
        one.fault = error;
      }
    });
    const found = await publishedBy(client, fresh, profile, signal);
    for (const one of group) {
      const known = found.get(one.sha256);
      yield known === undefined ? one : { ...one, known };
    }
  }
}

async function publishedBy(
  client: Pixdock,
  files: readonly LookedUp[],
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
