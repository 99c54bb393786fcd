import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { makeShards } from '../harness/disk-use.js';
import { photo } from '../harness/pictures.js';
import { openReviewParts } from '../harness/review-settings.js';
import { type Stack, startStack } from '../harness/stack.js';
import type { Attack } from './attack.js';
import { type Child, startChild } from './child.js';
import { type Observer, startObserver } from './observe.js';
import { answerIn, PROFILES, REVIEW_KEY } from './reviews.js';

/** The real service, alice and bob in separate processes, and the observer. */
export interface Stage {
  stack: Stack;
  observer: Observer;
  alice: Child;
  bob: Child;
  /** Origins that alice may use. */
  sources: readonly string[];
  /** An origin that alice does not use. */
  ownSource: string;
  /** Bob's upload. */
  picture: Buffer;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The importer treats each port as a host, and fetches only a few images from one host at a time. */
const SOURCES = 9;
/** More than the 28 s after which a service ends itself. */
const STOP_MS = 40_000;

export async function openStage({ env, limits }: Pick<Attack, 'env' | 'limits'> = {}): Promise<Stage> {
  await using parts = openParts();
  const picture = await photo(64, 48);
  const images = {
    photo: { bytes: await photo(640, 480), type: 'image/jpeg' },
    small: { bytes: picture, type: 'image/jpeg' },
  };
  const servers: SourceServer[] = [];
  for (let i = 0; i < SOURCES; i++) {
    const server = await startSourceServer({ images });
    parts.add(() => server.stop());
    servers.push(server);
  }
  const [own, ...others] = servers;
  const bob = await startChild('attack/bob');
  parts.add(() => bob[Symbol.asyncDispose]());
  const sourceHosts = servers.map(({ host }) => host);
  const receivers = [await bob.call<string>('receiver'), ...sourceHosts];
  const review = await openReviewParts(PROFILES, [REVIEW_KEY], receivers);
  parts.add(() => review.stop());
  review.reviewer.answer = answerIn(review.reviewer);
  const variables = {
    ...review.settings,
    API_KEYS: 'alice:key-of-the-owner-alice,bob:key-of-the-owner-bob',
    // Other tests use generous limits; here the defaults apply.
    LIMITS_FILE: limits === undefined ? '' : await writeLimits(limits, parts),
    SOURCE_ALLOW: sourceHosts.join(),
    ...env,
  };
  const stack = await startStack(variables, { asInProduction: true, prepare: makeShards });
  parts.add(() => stopStack(stack));
  const observer = startObserver(stack);
  parts.add(() => observer[Symbol.asyncDispose]());
  const alice = await startChild('attack/alice');
  parts.add(() => alice[Symbol.asyncDispose]());
  const stop = parts.keep();
  return {
    stack,
    observer,
    alice,
    bob,
    sources: others.map(({ url }) => url),
    ownSource: own?.url ?? '',
    picture,
    [Symbol.asyncDispose]: stop,
  };
}

async function writeLimits(limits: Attack['limits'], parts: ReturnType<typeof openParts>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-attack-'));
  parts.add(() => rm(folder, { recursive: true }));
  const file = join(folder, 'limits.json');
  await writeFile(file, JSON.stringify({ owners: { alice: limits } }));
  return file;
}

/** After an attack, the service may not even stop. */
async function stopStack(stack: Stack): Promise<void> {
  const timer = setTimeout(() => {
    for (const service of [stack.api, stack.worker]) service.kill('SIGKILL');
  }, STOP_MS);
  await stack.stop().finally(() => clearTimeout(timer));
}

/** Stops the started parts in reverse order, unless `keep` was called. */
function openParts() {
  let stops: (() => Promise<void>)[] = [];
  async function stopAll(all: (() => Promise<void>)[]): Promise<void> {
    const failed: unknown[] = [];
    for (const stop of all.toReversed()) await stop().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  }
  return {
    add: (stop: () => Promise<void>) => void stops.push(stop),
    keep() {
      const kept = stops;
      stops = [];
      return () => stopAll(kept);
    },
    [Symbol.asyncDispose]: () => stopAll(stops),
  };
}
