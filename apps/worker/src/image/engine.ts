import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openDecoderPool } from '../admission/decoder-pool.js';
import { createLane, type Lane, type LaneOptions } from './lane.js';
import { removeLeftovers, TOUCH_EVERY_MS } from './lane-folder.js';
import { refused } from './refusal.js';
import type { ImageEngine, RenderOutcome, RenderTask } from './types.js';

/** The dearest picture measured (49 MP of animation, WebP effort 6) takes about 30 s; twice that on a busy machine. */
const PROCESS_TIMEOUT_MS = 60_000;
/** A child starts within 0.2 s, and on a machine a hundred times as busy within this. */
const START_MS = 20_000;
/** Measured at 50 MP: AVIF 0.96 GiB, interlaced 16-bit PNG 0.65, WebP 0.57, progressive JPEG 0.53; half as much again for alpha. */
const MAX_RSS_BYTES = 1.5 * 1024 ** 3;
/** Numbers that belong to nobody: below systemd's dynamic users (61184 on), above what user accounts reach. */
const IDENTITY_BASE = 58_000;

export interface EngineOptions extends Pick<LaneOptions, 'limits' | 'log' | 'isDiskFull'> {
  lanes: number;
  /** An existing folder for the lanes' own ones. */
  scratchDir: string;
  timeoutMs?: number;
  maxRssBytes?: number;
  startMs?: number;
  childPath?: string;
}

/** Starts one decoder for each lane. */
export async function createImageEngine(options: EngineOptions): Promise<ImageEngine> {
  const { limits, scratchDir, log } = options;
  const laneOptions: LaneOptions = {
    limits,
    scratchDir,
    log,
    ...(options.isDiskFull === undefined ? {} : { isDiskFull: options.isDiskFull }),
    childPath: options.childPath ?? fileURLToPath(new URL('./child.js', import.meta.url)),
    budget: {
      timeoutMs: options.timeoutMs ?? PROCESS_TIMEOUT_MS,
      maxRssBytes: options.maxRssBytes ?? MAX_RSS_BYTES,
      startMs: options.startMs ?? START_MS,
    },
  };
  await removeLeftovers(scratchDir);
  const lanes = Array.from({ length: options.lanes }, (_, number) =>
    createLane(laneOptions, process.getuid?.() === 0 ? IDENTITY_BASE + number : null),
  );
  await openAll(lanes);
  if (!lanes.every((lane) => lane.isApart()))
    log.warn(
      'decoders run as the user of the worker: giving them one of their own takes root with SETUID, SETGID and CHOWN (see SECURITY.md)',
    );
  const touching = setInterval(() => void Promise.all(lanes.map((lane) => lane.touch())), TOUCH_EVERY_MS);
  touching.unref();
  const pool = openDecoderPool(lanes);
  const inHand = new Map<AbortController, Promise<RenderOutcome>>();
  let stopped = false;

  return {
    async render(task, signal) {
      if (stopped) throw stopError();
      signal.throwIfAborted();
      const own = new AbortController();
      const onAbort = () => own.abort(signal.reason);
      // Every image in hand may share this one signal.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', onAbort, { once: true });
      const rendering = renderOnFreeLane(task, own.signal);
      inHand.set(own, rendering);
      try {
        return await rendering;
      } finally {
        inHand.delete(own);
        signal.removeEventListener('abort', onAbort);
      }
    },
    async stop() {
      stopped = true;
      clearInterval(touching);
      const renders = [...inHand];
      for (const [own] of renders) own.abort(stopError());
      await Promise.allSettled(renders.map(([, rendering]) => rendering));
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };

  async function renderOnFreeLane(task: RenderTask, signal: AbortSignal): Promise<RenderOutcome> {
    for (;;) {
      using lease = await pool.acquire(task, signal);
      const either = AbortSignal.any([signal, lease.recalled]);
      try {
        return await renderOn(lease.thing, task, either);
      } catch (error) {
        if (!lease.recalled.aborted || signal.aborted) throw error;
        // Another owner's image goes first, and this one starts again.
      }
    }
  }

  async function renderOn(lane: Lane, task: RenderTask, signal: AbortSignal): Promise<RenderOutcome> {
    const first = await lane.attempt(task, signal);
    if (first.outcome !== 'lost') return first;
    // The child may be lost by the machine, or by what earlier images left in it; a fresh one only by the image.
    const second = await lane.attempt(task, signal);
    return second.outcome === 'lost' ? refused(second.code) : second;
  }
}

async function openAll(lanes: Lane[]): Promise<void> {
  const opened = await Promise.allSettled(lanes.map((lane) => lane.open()));
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  await Promise.all(lanes.map((lane) => lane.close()));
  throw failed.reason;
}

const stopError = () => new Error('the image engine has stopped');
