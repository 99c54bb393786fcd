import { hash } from 'node:crypto';
import type { Image } from '@pixdock/contract/image';
import { isDeletedStatus } from '@pixdock/contract/status';
import type { Pixdock } from '../../pixdock.js';
import { openFile } from '../sending/open-file.js';
import { createLimit } from '../sending/parallel.js';
import type { Track } from '../sending/progress.js';
import type { SendResult } from '../sending/send-files.js';
import type { FolderFile } from './find-existing.js';
import { externalIdOf } from './names.js';
import type { FolderState } from './state.js';

/** Uploads at the same time. */
const UPLOADS = 4;

export interface UploaderDeps {
  client: { images: Pick<Pixdock['images'], 'upload' | 'retry' | 'waitFor'> };
  state: FolderState;
  profile: string;
}

interface SendContext {
  track: Track;
  signal: AbortSignal;
}

/** Returns a function that publishes a file, without sending what the server already has, and records it. */
export function createUploader({ client, state, profile }: UploaderDeps) {
  const limit = createLimit(UPLOADS);

  return (file: FolderFile) =>
    async (track: Track, signal: AbortSignal): Promise<SendResult> => {
      if (file.fault !== undefined) throw file.fault;
      if (file.unchanged !== undefined) return { image: file.unchanged, how: 'unchanged' };
      const result: SendResult =
        file.known === undefined
          ? { image: await send(file, { track, signal }), how: 'sent' }
          : { image: file.known, how: 'known' };
      await record(file, result.image);
      return result;
    };

  async function send(file: FolderFile, context: SendContext): Promise<Image> {
    const image = await submit(file, context, keyOf(file));
    // The key returns the image of an earlier run, which may have been canceled or deleted since.
    if (image.status === 'canceled' || isDeletedStatus(image.status)) return submit(file, context, undefined);
    if (image.status !== 'failed' || image.error?.retryable !== true) return image;
    await client.images.retry(image.id, context);
    return client.images.waitFor(image.id, context);
  }

  async function submit(
    { file, sha256 }: FolderFile,
    { track, signal }: SendContext,
    idempotencyKey: string | undefined,
  ): Promise<Image> {
    const options = { profile, externalId: externalIdOf(file.path), sha256, idempotencyKey, signal };
    const sent = await limit(() => client.images.upload(openFile(file.absolute, file.size, track), options));
    track.waiting();
    return client.images.waitFor(sent.id, { signal });
  }

  /** The same file has the same key, so that a run after Ctrl-C continues its unfinished uploads. */
  function keyOf({ file, sha256 }: FolderFile): string {
    const content = JSON.stringify([profile, file.path, sha256]);
    return `pixdock-${hash('sha256', content)}`;
  }

  async function record(
    { file, sha256 }: FolderFile,
    { id, url, status }: SendResult['image'],
  ): Promise<void> {
    if (status !== 'published' || url === null) return;
    await state.add({ path: file.path, size: file.size, mtimeMs: file.mtimeMs, sha256, id, url });
  }
}
