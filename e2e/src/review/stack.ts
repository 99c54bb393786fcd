import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { SCOPES } from '@pixdock/contract/scope';
import { addKey } from '@pixdock/shared/state/keys/key-file';
import { ask, until } from '../harness/client.js';
import { type Stack, startStack } from '../harness/stack.js';
import { SECRET, startReviewer } from './reviewer.js';

/** A key of acme that only reviews, one of a person who reviews for all owners, and one of another owner. */
export const REVIEWER = { Authorization: 'Bearer key-of-the-reviewer-of-acme' };
export const MODERATOR = { Authorization: 'Bearer key-of-the-moderator-of-all' };
export const OTHER_REVIEWER = { Authorization: 'Bearer key-of-the-reviewer-of-other' };

const variants = {
  main: { width: 64, height: 64 },
  thumb: { width: 16, height: 16, format: 'webp' },
};
/** `asked` sends the externalId to the reviewer: the tests choose its answer with it. */
export const PROFILES = {
  asked: { review: ['http', 'manual'], reviewFields: ['externalId'], variants },
  discreet: { review: ['http'], variants },
  people: { review: ['manual'], variants },
  plain: { variants },
};

/** All parts, and a reviewer. The workers may also reach `receivers`. */
export async function startReviewStack(extra: Record<string, string> = {}, receivers: string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-review-'));
  const reviewer = await startReviewer();
  const stack = await startStack({
    ...(await reviewSettings(folder)),
    REVIEW_HTTP_URL: reviewer.url,
    REVIEW_HTTP_SECRET: SECRET,
    WEBHOOK_ALLOW: [reviewer.host, ...receivers].join(),
    ...extra,
  });
  return {
    reviewer,
    stack,
    stop: async () => {
      reviewer.stop();
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Settings with the profiles and the keys of the tests, whose files are in `folder`. */
async function reviewSettings(folder: string): Promise<Record<string, string>> {
  const profiles = join(folder, 'profiles.json');
  writeFileSync(profiles, JSON.stringify(PROFILES));
  const keys = join(folder, 'keys.json');
  const all = [
    [REVIEWER, 'acme', ['read', 'review']],
    [OTHER_REVIEWER, 'other', ['read', 'review']],
    [MODERATOR, 'operator', SCOPES],
  ] as const;
  for (const [{ Authorization }, owner, scopes] of all)
    await addKey(keys, Authorization.slice('Bearer '.length), {
      owner,
      scopes: [...scopes],
      expiresAt: null,
    });
  return { PROFILES_FILE: profiles, API_KEYS_FILE: keys };
}

let sources = 0;

/** The picture with other bytes, on which nobody has decided: a comment follows the start of the JPEG. */
export function otherSource(jpeg: Buffer): Buffer {
  const comment = Buffer.from([0xff, 0xfe, 0, 6, 0, 0, 0, 0]);
  comment.writeUInt32BE(++sources, 4);
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
}

export const read = async (stack: Stack, id: string): Promise<Image> =>
  (await ask(stack, `/v1/images/${id}`)).body;

/** Waits until the image is held. */
export const untilHeld = (stack: Stack, id: string): Promise<Image> =>
  until(`${id} to be held`, 30, async () => {
    const image = await read(stack, id);
    if (image.review?.decision === 'hold' && image.status === 'processing') return image;
    throw new Error(JSON.stringify(image));
  });

/** The held images, as listed for a reviewer. */
export async function queueOf(stack: Stack, headers: Record<string, string> = REVIEWER): Promise<Image[]> {
  const path = '/v1/images?stage=reviewing&limit=100';
  return (await ask<{ items: Image[] }>(stack, path, { headers })).body.items;
}

export const post = (stack: Stack, path: string, headers: Record<string, string> = REVIEWER) =>
  ask(stack, path, { method: 'POST', headers });
