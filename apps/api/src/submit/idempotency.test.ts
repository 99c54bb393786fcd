import { testRecord } from '@pixdock/shared/testing/record';
import { expect, it, vi } from 'vitest';
import { claimKey, keyInRequest } from './idempotency.js';
import { watchSubmission } from './testing/watch-submission.js';

const NEW_ID = testRecord().id;
const DEAD_ID = testRecord().id;

/** Claims a key for `NEW_ID` and disposes of the claim without a commit. */
async function claimAndDrop(situation: Parameters<typeof watchSubmission>[0], isStaged = false) {
  const watched = await watchSubmission(situation);
  const record = testRecord({ id: DEAD_ID });
  const idempotency = { keyHash: '', fingerprint: 'print' };
  if (isStaged)
    await watched.staging.openUnfetchedArrival(DEAD_ID).commit({ record, origin: null, idempotency });
  let outcome: Awaited<ReturnType<typeof claimKey>> | null = null;
  const { status } = await watched.send(async (c, deps) => {
    outcome = await claimKey(c, deps, keyInRequest(c, deps.config, NEW_ID));
    if (outcome.outcome === 'claimed') await outcome.claim[Symbol.asyncDispose]();
    return { outcome: 'expired', id: '', response: { status: 200, body: '' } };
  }, {});
  return { ...watched, status, outcome: outcome as Awaited<ReturnType<typeof claimKey>> | null };
}

it('claims a new key for the new id, and releases it when nothing was created', async () => {
  const { outcome, steps } = await claimAndDrop({});
  expect(outcome).toMatchObject({ outcome: 'claimed', claim: { id: NEW_ID } });
  // The response waits only briefly for the release.
  await vi.waitFor(() => expect(steps).toEqual(['claim key', 'release key']));
});

it('refuses a request while the first one with its key is in progress', async () => {
  const { status } = await claimAndDrop({ key: 'running' });
  expect(status).toBe(409);
});

it('continues under the id of a request that died before it staged anything', async () => {
  const { outcome } = await claimAndDrop({ key: { diedWithId: DEAD_ID } });
  expect(outcome).toMatchObject({ outcome: 'claimed', claim: { id: DEAD_ID } });
});

it('gives the key to the image that a request staged before it died', async () => {
  const { outcome, steps } = await claimAndDrop({ key: { diedWithId: DEAD_ID } }, true);
  const done = { state: 'done', resourceId: DEAD_ID, fingerprint: 'print', response: null };
  expect(outcome).toEqual({ outcome: 'done', done });
  expect(steps).toEqual(['claim key', 'complete key without a response']);
});

it('stops renewing the key when staging cannot be read', async () => {
  const watched = await watchSubmission({ key: { diedWithId: DEAD_ID } });
  watched.deps.staging.adopt = () => Promise.reject(new Error('EIO'));
  const { status } = await watched.send(async (c, deps) => {
    await claimKey(c, deps, keyInRequest(c, deps.config, NEW_ID));
    throw new Error('it was claimed');
  }, {});
  expect([status, watched.steps]).toEqual([503, ['claim key', 'stop renewing the key']]);
});

it('does not wait long for Redis to release the key of a refused request, and releases it later', async () => {
  const { steps, status } = await claimAndDrop({ failAt: 'release key' });
  expect([status, steps]).toEqual([200, ['claim key', 'release key']]);
  await vi.waitFor(() => expect(steps).toEqual(['claim key', 'release key', 'release key']), 5000);
});

it('keeps an accepted image if its response cannot be stored', async () => {
  const { send, steps } = await watchSubmission({ failAt: 'complete key with a response' });
  await send(async (c, deps) => {
    const claimed = await claimKey(c, deps, keyInRequest(c, deps.config, NEW_ID));
    if (claimed.outcome !== 'claimed') throw new Error('the key was not claimed');
    await using claim = claimed.claim;
    claim.keep();
    await claim.complete({ status: 202, body: '{}' });
    return { outcome: 'expired', id: '', response: { status: 200, body: '' } };
  }, {});
  expect(steps).toEqual(['claim key', 'complete key with a response']);
});
