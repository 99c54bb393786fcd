import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, residentMib } from '@pixdock/e2e/harness/process-stats';
import { descendants } from '@pixdock/shared/testing/processes';
import type { Picture } from './pictures.js';
import type { Side } from './side.js';
import type { Sink } from './sink.js';

/** One side in one round. */
export interface Sample {
  imagesPerCoreSecond: number;
  imagesPerSecond: number;
  msPerImage: number;
  /** `msPerImage` by process; `NAME's children` are all descendants of NAME. */
  msByProcess: Readonly<Record<string, number>>;
  acceptMs: readonly number[];
  peakMib: number;
  bytesPerImage: number;
  requestsPerImage: number;
  redisBytesPerImage: number | null;
  /** CPU of other programs, in cores. */
  otherLoad: number;
}

const SAMPLE_MS = 100;
/** A service finishes its job after the image is published. */
const SETTLE_MS = 250;

/** Lands the pictures, `inFlight` at a time, and measures all processes of the side. */
export async function measure(
  side: Side,
  sink: Sink,
  pictures: readonly Picture[],
  inFlight: number,
): Promise<Sample> {
  const [stored, redis, busy] = [sink.totals(), side.redisBytes(), busySeconds()];
  const [spent, ownSpent] = [spentBy(side), ownSeconds()];
  const began = performance.now();
  const peak = watchPeak(side);
  const acceptMs = await landAll(side, pictures, inFlight);
  const seconds = (performance.now() - began) / 1000;
  await sleep(SETTLE_MS);
  const spentNow = spentBy(side);
  const cpuOf = (name: string) => (spentNow.get(name) ?? 0) - (spent.get(name) ?? 0);
  const cpu = [...spentNow.keys()].reduce((sum, name) => sum + cpuOf(name), 0);
  const others = busySeconds() - busy - cpu - (ownSeconds() - ownSpent);
  const { objects, bytes, requests } = sink.totals();
  const { length } = pictures;
  if (objects - stored.objects < length)
    throw new Error(`${side.name} stored ${objects - stored.objects} objects for ${length} pictures`);
  const redisBytes = side.redisBytes();
  return {
    imagesPerCoreSecond: length / cpu,
    imagesPerSecond: length / seconds,
    msPerImage: (cpu / length) * 1000,
    msByProcess: Object.fromEntries(
      [...spentNow.keys()].map((name) => [name, (cpuOf(name) / length) * 1000]),
    ),
    acceptMs,
    peakMib: peak.stop(),
    bytesPerImage: (bytes - stored.bytes) / length,
    requestsPerImage: (requests - stored.requests) / length,
    redisBytesPerImage: redisBytes === null || redis === null ? null : (redisBytes - redis) / length,
    otherLoad: Math.max(0, others) / (seconds + SETTLE_MS / 1000),
  };
}

async function landAll(side: Side, pictures: readonly Picture[], inFlight: number): Promise<number[]> {
  const waiting = pictures.values();
  const acceptMs: number[] = [];
  async function lane(): Promise<void> {
    for (const picture of waiting) {
      const ms = await side.land(picture);
      if (ms !== null) acceptMs.push(ms);
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane));
  return acceptMs;
}

const processesOf = (side: Side) =>
  Object.values(side.processes).flatMap((pid) => [pid, ...descendants(pid)]);

function spentBy(side: Side): Map<string, number> {
  const spent = new Map<string, number>();
  for (const [name, pid] of Object.entries(side.processes)) {
    const { own, ended } = cpuSeconds(pid);
    spent.set(name, own);
    const children = descendants(pid).map(cpuSeconds);
    const ofChildren = children.reduce((sum, child) => sum + child.own + child.ended, ended);
    if (ofChildren > 0) spent.set(`${name}'s children`, ofChildren);
  }
  return spent;
}

/** Samples the memory of all processes together. */
function watchPeak(side: Side): { stop: () => number } {
  let peak = 0;
  function sample(): void {
    peak = Math.max(
      peak,
      processesOf(side).reduce((sum, pid) => sum + residentMib(pid), 0),
    );
  }
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return peak;
    },
  };
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}
