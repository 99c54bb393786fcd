import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { AliceReport } from './alice/alice.js';
import type { Attack } from './attack.js';
import type { Lap } from './bob/bob.js';
import { BUSY_SLACK_MS, FREED_WITHIN_MS, IDLE_SLACK_MS, isFree, judge, type Measured } from './judge.js';
import { type Level, startLoadMeter } from './observe.js';
import { postAsBob } from './post-as-bob.js';
import type { Stage } from './stage.js';

export interface AttackOptions {
  size: number;
  seed: number;
  /** Longest allowed response time for bob; derived from the load of the machine when null. */
  slackMs: number | null;
  /** Whether other programs are known to use the machine; measured when unknown. */
  isBusy?: boolean;
  /** How long bob is measured before alice starts. */
  warmUpMs?: number;
  /** Overrides the attack's own value. */
  watchMs?: number;
  /** Shortens every attack to this time. */
  maxMs?: number;
}

export interface Outcome extends Measured {
  /** Cores that other programs used during the attack. */
  otherCores: number;
  failures: string[];
}

const WARM_UP_MS = 2000;
const MAX_MS = 25_000;
const WATCH_MS = 2000;
/** From this load on, other programs disturb bob's times. */
const BUSY_CORES = 0.25;
const BUSY_FACTOR = 3;
const MAX_SLACK_MS = 3000;
const HEALTHY_WITHIN_S = 20;

/** Runs one attack beside bob's steady requests and judges its effect. */
export async function runAttack(stage: Stage, attack: Attack, options: AttackOptions): Promise<Outcome> {
  const { stack, bob, observer } = stage;
  const { size } = options;
  const port = Number(new URL(stack.api.url).port);
  await attack.prepare?.(stack, size);
  const attacking = new AbortController();
  await bob.call('start', { port, picture: stage.picture.toString('base64'), source: stage.ownSource });
  try {
    await delay(options.warmUpMs ?? WARM_UP_MS);
    await bob.call('settle');
    const before = await bob.call<Lap>('lap');
    const idle = observer.peak();
    const otherCores = startLoadMeter();
    const since = performance.now();
    const beside = { api: stack.api.url, picture: stage.picture, source: stage.ownSource };
    const besides = attack.beside?.(beside, attacking.signal) ?? Promise.resolve([]);
    const alice = await stage.alice.call<AliceReport>('attack', {
      name: attack.name,
      size,
      port,
      sources: stage.sources,
      seed: `${options.seed} ${attack.name}`,
      maxMs: Math.min(attack.maxMs ?? MAX_MS, options.maxMs ?? Number.POSITIVE_INFINITY),
    });
    attacking.abort();
    const seconds = (performance.now() - since) / 1000;
    const target = { stack, sent: alice.requests, seconds };
    const findings = [...(await besides), ...((await attack.check?.(target, size)) ?? [])];
    await delay(options.watchMs ?? attack.watchMs ?? WATCH_MS);
    await bob.call('settle');
    const lap = await bob.call<Lap>('lap');
    const peak = observer.peak();
    const cores = otherCores();
    const freedMs = attack.isDeleted === true ? await untilFree(stage, idle, lap) : null;
    await bob.call('stop');
    findings.push(...(await checkHealth(stage)));
    const isBusy = options.isBusy === true || cores > BUSY_CORES;
    const slackMs = options.slackMs ?? (isBusy ? busySlackMs(before, cores) : IDLE_SLACK_MS);
    const measured = { alice, bob: lap, before, idle, peak, slackMs, freedMs, findings };
    return { ...measured, otherCores: cores, failures: judge(attack, measured) };
  } finally {
    attacking.abort();
    await bob.call('stop');
  }
}

/** Where other programs take most of the cores, or bob waits long even without an attack, he may wait longer during one. */
function busySlackMs({ post, get, livez }: Lap, otherCores: number): number {
  const worst = Math.max(post.worst, get.worst, livez.worst);
  const share = Math.max(0, 1 - otherCores / availableParallelism());
  return Math.min(Math.max(BUSY_SLACK_MS / share, BUSY_FACTOR * worst), MAX_SLACK_MS);
}

async function untilFree({ observer }: Stage, idle: Level, bob: Lap): Promise<number> {
  const since = performance.now();
  while (performance.now() - since < FREED_WITHIN_MS) {
    if (isFree(idle, bob, await observer.staging())) return performance.now() - since;
    await delay(500);
  }
  return -1;
}

/** The service must still publish an image, without a restart of its processes. */
async function checkHealth({ stack, picture }: Stage): Promise<string[]> {
  const status = await postAsBob(stack.api.url, 'image/jpeg', picture, HEALTHY_WITHIN_S);
  return status === '201' ? [] : [`not healthy afterwards: ${status}`];
}
