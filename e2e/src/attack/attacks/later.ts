import { OPEN_STATUSES } from '@pixdock/contract/status';
import { sleep } from '@pixdock/shared/runtime/clock';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { sweepEvery } from '../../harness/sweep.js';
import { post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { REVIEWER } from '../reviews.js';
import {
  askAs,
  IMAGES,
  isTrueInTime,
  JPEG,
  JSON_TYPE,
  jpegOf,
  type Listing,
  NDJSON,
  rowsOf,
  submitBatch,
} from './support.js';

/** Instead of a minute. */
const SWEEP_MS = 5000;
const DELETED_WITHIN_MS = 60_000;
/** Two cores publish the 3,000 images of the flood at 17 a second or more. */
const PUBLISHED_WITHIN_MS = 180_000;
const prepare: Attack['prepare'] = (stack) => sweepEvery(stack, SWEEP_MS);

export const expiryFlood: Attack = {
  name: 'expiry-flood',
  about: "images and rows that are due after a second; bob's due image must not wait for them",
  maxMs: 40_000,
  watchMs: 12_000,
  maxStagingFactor: 300,
  prepare,
  async run(alice, size) {
    const request = post(`${IMAGES}?deleteAfterSeconds=1`, JPEG, await jpegOf(16, 16));
    const rows = rowsOf(alice.sources[0] ?? '', '/image/small', 100 * size, ',"deleteAfterSeconds":1');
    await Promise.all([
      submitBatch(alice, NDJSON, rows),
      alice.flood({ connections: 16, total: 500 * size, request: () => request }),
    ]);
    await alice.wait(2 * SWEEP_MS);
  },
  async beside({ api, picture }, signal) {
    await sleep(SWEEP_MS, signal);
    const form = new FormData();
    form.append('deleteAfterSeconds', '1');
    form.append('file', new Blob([new Uint8Array(picture)], { type: JPEG }));
    const { body } = await askAs('bob', api, IMAGES, { method: 'POST', body: form });
    const until = performance.now() + DELETED_WITHIN_MS;
    while (performance.now() < until) {
      const now = await askAs('bob', api, `${IMAGES}/${body.id}`);
      if (now.body.status === 'deleted') return [];
      await sleep(500);
    }
    return [`bob's image is not deleted ${DELETED_WITHIN_MS / 1000} s after it was due`];
  },
  async check({ stack }) {
    const areDeleted = async () =>
      Number(stack.redis.cli('ZCARD', recordKeys('{pixdock}').deletionsOf('alice'))) === 0;
    return (await isTrueInTime(areDeleted)) ? [] : ['due images are left'];
  },
};

export const replaceFlood: Attack = {
  name: 'replace-flood',
  about: '10,000 images that replace each other under one externalId',
  maxMs: 40_000,
  watchMs: 12_000,
  prepare,
  async run(alice, size) {
    const request = post(`${IMAGES}?externalId=product&replace=true`, JPEG, await jpegOf(16, 16));
    await alice.flood({ connections: 16, total: 1000 * size, request: () => request });
    // Replaced images are deleted ten seconds after the publication.
    await alice.wait(10_000 + 2 * SWEEP_MS);
  },
  async check({ stack }) {
    const { ofStatus } = recordKeys('{pixdock}');
    const areEnded = async () =>
      OPEN_STATUSES.every((status) => stack.redis.cli('ZCARD', ofStatus('alice', status)) === '0');
    // An image replaces others once it is published.
    if (!(await isTrueInTime(areEnded, PUBLISHED_WITHIN_MS))) return ['images are not published'];
    return (await isAlone(stack.api.url, 'product')) ? [] : ['replaced images are left'];
  },
};

/** Waits until alice has one image with an externalId; false if she has more in the end. */
const isAlone = (api: string, externalId: string) =>
  isTrueInTime(async () => {
    const { body } = await askAs('alice', api, `${IMAGES}?externalId=${externalId}&limit=2`);
    return body.items.length === 1;
  });

/** An externalId of alice and of bob. */
const OF_BOTH = 'of-both';
const DAY_S = '86400';

export const othersImages: Attack = {
  name: 'others-images',
  about:
    "alice replaces, keeps, signs, decides and deletes by bob's ids and externalIds: none of bob's images changes",
  watchMs: 4000,
  async prepare(stack) {
    await sweepEvery(stack, SWEEP_MS);
    for (const profile of ['default', 'receipts', 'people']) {
      const form = new FormData();
      const fields = { profile, externalId: OF_BOTH, deleteAfterSeconds: DAY_S };
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append('file', new Blob([new Uint8Array(await jpegOf(64, 48))], { type: JPEG }));
      await askAs('bob', stack.api.url, IMAGES, { method: 'POST', body: form });
    }
    await isTrueInTime(async () => (await imagesOfBob(stack.api.url)).every(isSettledOrHeld));
  },
  async run(alice, size) {
    const request = post(`${IMAGES}?externalId=${OF_BOTH}&replace=true`, JPEG, await jpegOf(16, 16));
    await alice.flood({ connections: 4, total: 20 * size, request: () => request });
  },
  async check({ stack }) {
    const { url } = stack.api;
    const before = await imagesOfBob(url);
    const findings: string[] = [];
    const send = async (path: string, body: object | null, headers: Record<string, string> = {}) => {
      const init =
        body === null
          ? { method: 'DELETE', headers }
          : {
              method: 'POST',
              body: JSON.stringify(body),
              headers: { 'Content-Type': JSON_TYPE, ...headers },
            };
      return JSON.stringify((await askAs('alice', url, path, init)).body);
    };
    const expectNothing = (what: string, reply: string) => {
      if (!reply.includes('"not_found"')) findings.push(`${what} of bob's image: ${reply}`);
    };
    for (const { id } of before) {
      for (const action of ['keep', 'sign', 'retry'])
        expectNothing(action, await send(`${IMAGES}/${id}/${action}`, {}));
      for (const decision of ['approve', 'reject'])
        expectNothing(decision, await send(`${IMAGES}/${id}/${decision}`, {}, REVIEWER));
      expectNothing('deletion', await send(`${IMAGES}/${id}`, null));
      expectNothing('keep', await send(`${IMAGES}/keep`, { ids: [id] }));
    }
    if (!(await isAlone(url, OF_BOTH))) findings.push("alice's replaced images are left");
    await send(`${IMAGES}/delete`, { externalId: OF_BOTH });
    const after = await imagesOfBob(url);
    if (
      after.length !== 3 ||
      !after.every(isSettledOrHeld) ||
      JSON.stringify(after) !== JSON.stringify(before)
    )
      findings.push(`bob's images were ${JSON.stringify(before)} and are ${JSON.stringify(after)}`);
    return findings;
  },
};

const imagesOfBob = async (api: string) =>
  (await askAs('bob', api, `${IMAGES}?externalId=${OF_BOTH}`)).body.items;

const isSettledOrHeld = ({ status, stage, deleteAt }: Listing['items'][number]) =>
  (status === 'published' || stage === 'reviewing') && deleteAt !== null;
