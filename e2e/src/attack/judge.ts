import { BLOCK_BYTES } from '@pixdock/shared/state/files/disk-bytes';
import type { DiskUse } from '../harness/disk-use.js';
import type { AliceReport } from './alice/alice.js';
import type { Attack } from './attack.js';
import type { Lap } from './bob/bob.js';
import { BATCH_ITEMS } from './bob/chores.js';
import type { Level } from './observe.js';

/** Measurements during one attack. */
export interface Measured {
  alice: AliceReport;
  bob: Lap;
  /** Bob before the attack. */
  before: Lap;
  idle: Level;
  peak: Level;
  /** Longest allowed time until bob gets a response. */
  slackMs: number;
  /** Time from alice's DELETE until staging was free; null if the attack does not check it, -1 if it never was. */
  freedMs: number | null;
  /** Findings of the attack's own checks and of the final health check. */
  findings: string[];
}

export const IDLE_SLACK_MS = 250;
export const BUSY_SLACK_MS = 1000;
/** With other programs, as long as a response. */
const MAX_NEWS_MS = 1000;
/** A batch or a retry may take this much longer than before the attack, or this many times as long. */
const MAX_CHORE_MS = 5000;
const MAX_CHORE_FACTOR = 5;
const MAX_PUBLISHED_MS = 10_000;
const MAX_API_MIB = 160;
const MAX_REDIS_MIB = 200;
const MAX_STAGING_FACTOR = 30;
/** For the fixed files of each batch. */
const STAGING_ALLOWANCE_BYTES = 2 * 1024 * 1024;
/** An outcome, and some folders and sources of images that are in progress. */
const BLOCKS_PER_IMAGE_OF_BOB = 2;
export const FREED_WITHIN_MS = 60_000;

/** Broken promises; empty when the attack did no harm. */
export function judge(attack: Attack, measured: Measured): string[] {
  const { alice, bob, before, idle, peak, slackMs, freedMs } = measured;
  const findings = [...alice.findings, ...measured.findings];
  const add = (isWrong: boolean, text: string) => isWrong && findings.push(text);
  for (const kind of ['livez', 'get', 'post'] as const)
    add(bob[kind].worst > slackMs, `bob's worst ${kind} ${ms(bob[kind].worst)} > ${ms(slackMs)}`);
  const maxNewsMs = Math.max(MAX_NEWS_MS, slackMs);
  for (const way of ['webhook', 'stream'] as const)
    add(bob[way].worst > maxNewsMs, `bob's worst ${way} ${ms(bob[way].worst)} > ${ms(maxNewsMs)}`);
  for (const chore of ['batch', 'retry'] as const) {
    const maxMs = Math.max(before[chore].worst + MAX_CHORE_MS, before[chore].worst * MAX_CHORE_FACTOR);
    add(bob[chore].worst > maxMs, `bob's worst ${chore} ${ms(bob[chore].worst)} > ${ms(maxMs)}`);
  }
  const refused = Object.entries(bob.refused).map(([name, count]) => `${name} × ${count}`);
  add(refused.length > 0, `bob refused: ${refused.join(', ')}`);
  add(bob.livez.count === 0 || bob.post.count === 0, 'bob got no response at all');
  add(bob.publishedMs > MAX_PUBLISHED_MS, `bob's image took ${ms(bob.publishedMs)}`);
  const apiGrowth = peak.api - idle.api;
  add(apiGrowth > MAX_API_MIB, `API +${apiGrowth.toFixed(0)} MiB > ${MAX_API_MIB}`);
  add(peak.redis > MAX_REDIS_MIB, `Redis ${peak.redis.toFixed(0)} MiB > ${MAX_REDIS_MIB}`);
  const factor = attack.maxStagingFactor ?? MAX_STAGING_FACTOR;
  const allowed = allowanceFor(bob) + factor * alice.bytes;
  const staged = peak.staging - idle.staging;
  add(staged > allowed, `staging +${mib(staged)} MiB for ${mib(alice.bytes)} MiB sent`);
  const inodes = peak.inodes - idle.inodes;
  add(
    inodes > allowed / BLOCK_BYTES,
    `${inodes} files and folders in staging for ${mib(alice.bytes)} MiB sent`,
  );
  add(freedMs === -1, `staging not free ${FREED_WITHIN_MS / 1000} s after the DELETE`);
  return findings;
}

/** Bytes of staging that bob's images take, and that batches take at least. */
function allowanceFor({ post, batch }: Lap): number {
  const images = post.count + BATCH_ITEMS * batch.count;
  return STAGING_ALLOWANCE_BYTES + BLOCKS_PER_IMAGE_OF_BOB * BLOCK_BYTES * images;
}

/** Whether staging takes so little of the disk that it counts as free. */
export function isFree(idle: Level, bob: Lap, { bytes, inodes }: DiskUse): boolean {
  const allowed = allowanceFor(bob);
  return bytes - idle.staging < allowed && inodes - idle.inodes < allowed / BLOCK_BYTES;
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
export const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
