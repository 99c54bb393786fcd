import type { Times } from './bob/samples.js';
import { mib } from './judge.js';
import type { Outcome } from './run-attack.js';

/** With fewer bytes, bob's files dominate the factor. */
const MIN_BYTES = 64 * 1024;

const WATCHED = ['post', 'get', 'livez', 'webhook', 'stream', 'batch', 'retry'] as const;

/** One line per attack. */
export function lineOf(name: string, outcome: Outcome): string {
  const { alice, bob, before, idle, peak, freedMs, failures } = outcome;
  const counts = Object.entries(alice.counts).map(([status, count]) => `${status} × ${count}`);
  const refused = Object.values(bob.refused).reduce((sum, count) => sum + count, 0);
  const staged = peak.staging - idle.staging;
  const factor = alice.bytes < MIN_BYTES ? '–' : (staged / alice.bytes).toFixed(1);
  const freed = freedMs === null ? '' : `, ${freedMs < 0 ? 'not free' : `free after ${seconds(freedMs)}`}`;
  const fields = [
    `${failures.length === 0 ? 'passed' : 'FAILED'} ${name.padEnd(20)}`,
    `alice ${mib(alice.bytes)} MiB, ${counts.join(', ') || 'no response'}`,
    `bob p50/p99/worst ms (idle) ${WATCHED.map((kind) => `${kind} ${times(bob[kind])} (${times(before[kind])})`).join(' ')}`,
    `refused ${refused}, published in ${seconds(bob.publishedMs)}, ${bob.corrected} corrected`,
    `API +${(peak.api - idle.api).toFixed(0)} worker +${(peak.worker - idle.worker).toFixed(0)} MiB`,
    `Redis ${peak.redis.toFixed(0)} MiB`,
    `staging × ${factor}, ${peak.inodes - idle.inodes} files and folders${freed}`,
    `others ${outcome.otherCores.toFixed(1)} cores, limit ${outcome.slackMs.toFixed(0)} ms`,
    ...failures,
  ];
  return fields.join(' | ');
}

const times = ({ p50, p99, worst }: Times) => [p50, p99, worst].map((value) => value.toFixed(0)).join('/');
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
