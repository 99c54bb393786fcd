import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { checkBatches } from './check-batches.js';
import { checkBuckets, checkBytes } from './check-bucket.js';
import { checkImages, currentImages } from './check-images.js';
import { checkProcesses, checkQueues } from './check-leftovers.js';
import { checkStaging } from './check-staging.js';
import { openDriver } from './driver.js';
import { groupBy } from './group.js';
import type { Finding } from './history.js';
import type { Installation } from './run.js';

/** All images and batches that the service lists. */
export interface Snapshot {
  images: readonly Image[];
  batches: readonly Batch[];
}

/**
 * Compares the history of requests with the images and batches that the service lists, and those with the bucket,
 * staging, Redis and the processes. No finding means that I1 to I8 hold.
 */
export async function check(run: Installation): Promise<Finding[]> {
  const snapshot = await readSnapshot(run);
  const findings = snapshot === null ? [UNREADABLE] : await compare(run, snapshot);
  return [
    ...findings,
    ...(snapshot === null ? [] : await checkBytes(run, snapshot)),
    ...(snapshot === null ? [] : await checkCurrent(run, snapshot)),
    ...run.history.findings,
  ];
}

/** Checks repeatedly until nothing is left to find, or until the queues have not shrunk for `seconds`. */
export async function checkWhenQuiet(run: Installation, seconds: number): Promise<Finding[]> {
  let least = Number.POSITIVE_INFINITY;
  let end = 0;
  do {
    await openDriver(run).decideHeld();
    const { length: left } = checkQueues(run);
    if (left < least) {
      least = left;
      end = performance.now() + seconds * 1000;
    }
    if (left === 0 && (await isQuiet(run))) break;
    await sleep(POLL_MS);
  } while (performance.now() < end);
  return check(run);
}

async function isQuiet(run: Installation): Promise<boolean> {
  const snapshot = await readSnapshot(run);
  return snapshot !== null && (await compare(run, snapshot)).length === 0;
}

const POLL_MS = 500;
const UNREADABLE: Finding = { about: 'the API', what: 'does not list its images and batches' };

async function readSnapshot(run: Installation): Promise<Snapshot | null> {
  const driver = openDriver(run);
  const images = await driver.list<Image>('/v1/images');
  const batches = await driver.list<Batch>('/v1/batches');
  return images === null || batches === null ? null : { images, batches };
}

async function compare(run: Installation, snapshot: Snapshot): Promise<Finding[]> {
  return [
    ...checkImages(run.history, snapshot.images),
    ...checkBatches(run.history, snapshot),
    ...(await checkBuckets(run, snapshot)),
    ...(await checkStaging(run, snapshot)),
    ...checkQueues(run),
    ...checkProcesses(run),
  ];
}

/** The newest image of each externalId is found by it. */
async function checkCurrent(run: Installation, { images }: Snapshot): Promise<Finding[]> {
  const driver = openDriver(run);
  const findings: Finding[] = [];
  for (const [externalId, { id }] of currentImages(run.history, images)) {
    const found = await driver.findCurrent(externalId);
    if (found !== id) findings.push({ about: id, what: `is not found by ${externalId}, but ${found}` });
  }
  return findings;
}

/** One line per subject, with all findings about it. */
export function formatFindings(findings: readonly Finding[]): string {
  const byPart = groupBy(findings, ({ about }) => about);
  return [...byPart].map(([about, all]) => `${about}: ${all.map(({ what }) => what).join('; ')}`).join('\n');
}
