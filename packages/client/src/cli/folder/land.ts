import { createHash } from 'node:crypto';
import type { Image } from '@pixdock/contract/image';
import type { Pixdock } from '../../pixdock.js';
import { openFile } from '../sending/open-file.js';
import { createGate } from '../sending/parallel.js';
import type { Track } from '../sending/progress.js';
import type { Landed } from '../sending/send-files.js';
import { externalIdOf } from './external-id.js';
import type { LookedUp } from './look-up.js';
import type { FolderState } from './state.js';

const SENDING = 4;

export interface LanderDeps {
  client: Pixdock;
  state: FolderState;
  profile: string;
}

interface Way {
  track: Track;
  signal: AbortSignal;
}

/** Lands one file after the other in the cheapest way there is, and notes it. */
export function createLander({ client, state, profile }: LanderDeps) {
  const gate = createGate(SENDING);
  /** By content: the files of this run that are sent. */
  const inHand = new Map<string, Promise<Landed['image']>>();

  return (one: LookedUp) =>
    async (track: Track, signal: AbortSignal): Promise<Landed> => {
      if (one.fault !== undefined) throw one.fault;
      if (one.unchanged !== undefined) {
        const { id, url } = one.unchanged;
        return { image: { id, url, status: 'published', error: null }, how: 'unchanged' };
      }
      const landed = await land(one, { track, signal });
      await note(one, landed.image);
      return landed;
    };

  async function land(one: LookedUp, way: Way): Promise<Landed> {
    if (one.known !== undefined) return { image: one.known, how: 'known' };
    const twin = await inHand.get(one.sha256)?.catch(() => undefined);
    if (twin?.status === 'published') return { image: twin, how: 'copy' };
    const sent = send(one, way).then(shownOf);
    inHand.set(one.sha256, sent);
    return { image: await sent, how: 'sent' };
  }

  async function send(one: LookedUp, way: Way): Promise<Image> {
    const image = await submit(one, way, keyOf(one));
    // The key joins what an earlier run left behind, which may have been given up since.
    if (image.status === 'canceled' || image.status === 'deleted') return submit(one, way, undefined);
    if (image.status !== 'failed' || image.error?.retryable !== true) return image;
    await client.images.retry(image.id, way);
    return client.images.waitFor(image.id, way);
  }

  async function submit(
    { file, sha256 }: LookedUp,
    { track, signal }: Way,
    idempotencyKey: string | undefined,
  ): Promise<Image> {
    const options = { profile, externalId: externalIdOf(file.path), sha256, idempotencyKey, signal };
    const sent = await gate(() => client.images.upload(openFile(file.absolute, file.size, track), options));
    track.waiting();
    return client.images.waitFor(sent.id, { signal });
  }

  /** The same file gives the same key, so that a run after Ctrl-C joins the uploads that were under way. */
  function keyOf({ file, sha256 }: LookedUp): string {
    const content = JSON.stringify([profile, file.path, sha256]);
    return `pixdock-${createHash('sha256').update(content).digest('hex')}`;
  }

  async function note({ file, sha256 }: LookedUp, { id, url, status }: Landed['image']): Promise<void> {
    if (status !== 'published' || url === null) return;
    await state.add({ path: file.path, size: file.size, mtimeMs: file.mtimeMs, sha256, id, url });
  }
}

// Of a hundred thousand files, whole images are some 300 MB.
const shownOf = ({ id, status, url, error }: Image): Landed['image'] => ({ id, status, url, error });
