import type { Image } from '@pixdock/contract/image';
import { SCOPES } from '@pixdock/contract/scope';
import { ask, until } from '../harness/client.js';
import { type FileKey, openReviewParts } from '../harness/review-settings.js';
import { type Stack, startStack } from '../harness/stack.js';

/** A key of acme that only reviews, one of a person who reviews for all owners, and one of another owner. */
export const REVIEWER = { Authorization: 'Bearer key-of-the-reviewer-of-acme' };
export const MODERATOR = { Authorization: 'Bearer key-of-the-moderator-of-all' };
export const OTHER_REVIEWER = { Authorization: 'Bearer key-of-the-reviewer-of-other' };

const keyOf = ({ Authorization }: typeof REVIEWER) => Authorization.slice('Bearer '.length);

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

const KEYS: readonly FileKey[] = [
  { key: keyOf(REVIEWER), owner: 'acme', scopes: ['read', 'review'] },
  { key: keyOf(OTHER_REVIEWER), owner: 'other', scopes: ['read', 'review'] },
  { key: keyOf(MODERATOR), owner: 'operator', scopes: SCOPES },
];

/** All parts, and a reviewer. The workers may also reach `receivers`. */
export async function startReviewStack(extra: Record<string, string> = {}, receivers: string[] = []) {
  const parts = await openReviewParts(PROFILES, KEYS, receivers);
  const stack = await startStack({ ...parts.settings, ...extra });
  return {
    reviewer: parts.reviewer,
    stack,
    stop: async () => {
      await parts.stop();
      await stack.stop();
    },
  };
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
