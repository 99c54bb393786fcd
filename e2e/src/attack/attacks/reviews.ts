import { randomBytes } from 'node:crypto';
import { sleep } from '@pixdock/shared/runtime/clock';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import sharp from 'sharp';
import { get, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { postAsBob } from '../post-as-bob.js';
import { MISBEHAVIOURS, REVIEWER } from '../reviews.js';
import {
  deleteListed,
  IMAGES,
  idsIn,
  isTrueInTime,
  JPEG,
  JSON_TYPE,
  jpegOf,
  neverRead,
  pathOf,
} from './support.js';

const PREFIX = '{pixdock}';
/** An image with its decision and its rendered files is ten small files and folders, of a block each. */
const STAGING_FACTOR = 100;

const PUBLISHED_WITHIN_S = 10;
/** By then alice's images have all requests to the reviewer that they can get. */
const REVIEWER_TAKEN_MS = 3000;
const MOST_IMAGES = 3000;

export const slowReviewer: Attack = {
  name: 'slow-reviewer',
  about:
    "images on which the reviewer hangs, fails, redirects, sends a byte at a time or 10 MB; bob's reviewed images must not wait for them",
  maxMs: 50_000,
  maxStagingFactor: STAGING_FACTOR,
  async run(alice, size) {
    const picture = await jpegOf(16, 16);
    const kinds = Object.keys(MISBEHAVIOURS);
    const path = (n: number) => `${IMAGES}?profile=asked&externalId=${kinds[n % kinds.length]}-${n}`;
    await alice.flood({
      connections: 16,
      total: Math.min(200 * size, MOST_IMAGES),
      request: (n) => post(path(n), JPEG, picture),
    });
    await alice.wait(30_000);
  },
  async beside({ api, picture }, signal) {
    const findings: string[] = [];
    await sleep(REVIEWER_TAKEN_MS, signal);
    while (!signal.aborted) {
      const status = await postAsBob(api, JPEG, picture, PUBLISHED_WITHIN_S, '?profile=asked');
      if (status !== '201') findings.push(`bob's reviewed image: ${status} after ${PUBLISHED_WITHIN_S} s`);
      await sleep(1000, signal);
    }
    return findings;
  },
};

const NOISE_PX = 1500;

/** More than the buffers of a connection. */
const noise = () =>
  sharp(randomBytes(NOISE_PX * NOISE_PX * 3), { raw: { width: NOISE_PX, height: NOISE_PX, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();

export const heldImages: Attack = {
  name: 'held-images',
  about:
    'more held images than an owner may have, with decisions on each again and again, and readers of a large picture that never read what is sent to them',
  limits: { heldImages: 200 },
  maxStagingFactor: STAGING_FACTOR,
  async run(alice, size) {
    const path = `${IMAGES}?profile=people`;
    const { body } = await alice.send(post(path, 'image/png', await noise()), { keepsBody: true });
    const request = post(path, JPEG, await jpegOf(16, 16));
    const ids = idsIn([
      body,
      ...(await alice.flood({ connections: 8, total: 100 * size, keepsBody: true, request: () => request })),
    ]);
    const [large = '', ...small] = ids;
    await neverRead(alice, 50 * size, get(`${pathOf(large)}/content/main`, REVIEWER));
    const requests = small.flatMap((id, n) => [
      get(`${pathOf(id)}/content/thumb`, REVIEWER),
      get('/v1/images?stage=reviewing&limit=100', REVIEWER),
      post(`${pathOf(id)}/${n % 2 === 0 ? 'approve' : 'reject'}`, JSON_TYPE, '', REVIEWER),
    ]);
    if (requests.length === 0) return alice.finding('every image was refused');
    await alice.flood({
      connections: 16,
      total: 500 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
    await alice.wait(5000);
  },
  async check({ stack }) {
    const areGone = async () => {
      await deleteListed(stack, `${IMAGES}?status=processing&limit=100`);
      return Number(stack.redis.cli('ZCARD', recordKeys(PREFIX).ofHeld('alice'))) === 0;
    };
    return (await isTrueInTime(areGone)) ? [] : ['deleted images are still held'];
  },
};
