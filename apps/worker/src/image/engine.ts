import { addAbortListener, setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openLanes } from '../admission/lanes.js';
import { createLane, type Lane, type LaneOptions } from './lane.js';
import { removeLeftovers, TOUCH_EVERY_MS } from './lane-folder.js';
import { refused } from './refusal.js';
import type { ImageEngine, RenderOutcome, RenderTask } from './types.js';

/** The slowest image without AVIF (80 MP animation, WebP effort 6) takes about 60 s, and twice that on a busy machine. */
const PROCESS_TIMEOUT_MS = 120_000;
/** The worst small image takes 1.5 s of CPU time. */
const CPU_MS = 10_000;
/** AVIF takes 0.5 s of CPU time per megapixel with effort 2, 6 s with 4 and 22 s with 6; lossless WebP 1.3 s with 6. */
const CPU_MS_PER_MEGAPIXEL = 22_000;
/** A child starts within 0.2 s; this allows for a machine that is three hundred times slower. */
const START_MS = 60_000;
/** Measured at 50 MP: AVIF 0.96 GiB, interlaced 16-bit PNG 0.65, WebP 0.57, progressive JPEG 0.53; alpha adds half. */
const MAX_RSS_BYTES = 1.5 * 1024 ** 3;
/** Unused user IDs: above user accounts and below systemd's dynamic users (61184 on). */
const IDENTITY_BASE = 58_000;

export interface EngineOptions extends Omit<LaneOptions, 'childPath' | 'budget'> {
  lanes: number;
  timeoutMs?: number;
  cpuMs?: (pixels: number) => number;
  maxRssBytes?: number;
  startMs?: number;
  childPath?: string;
}

/** Starts one decoder for each lane. */
export async function createImageEngine(options: EngineOptions): Promise<ImageEngine> {
  const { scratchDir, log } = options;
  const laneOptions: LaneOptions = {
    ...options,
    childPath: options.childPath ?? fileURLToPath(new URL('./child.js', import.meta.url)),
    budget: {
      timeoutMs: options.timeoutMs ?? PROCESS_TIMEOUT_MS,
      cpuMs: options.cpuMs ?? cpuMsOf,
      maxRssBytes: options.maxRssBytes ?? MAX_RSS_BYTES,
      startMs: options.startMs ?? START_MS,
    },
  };
  await removeLeftovers(scratchDir, log);
  const lanes = Array.from({ length: options.lanes }, (_, number) =>
    createLane(laneOptions, process.getuid?.() === 0 ? IDENTITY_BASE + number : null),
  );
  await openAll(lanes);
  if (!lanes.every((lane) => lane.isIsolated()))
    log.warn(
      'decoders run as the user of the worker; to isolate them, run the worker as root with SETUID, SETGID and CHOWN (see SECURITY.md)',
    );
  const touching = setInterval(() => void Promise.all(lanes.map((lane) => lane.touch())), TOUCH_EVERY_MS);
  touching.unref();
  const shared = openLanes(lanes);
  const running = new Map<AbortController, Promise<RenderOutcome>>();
  let stopped = false;

  return {
    async render(task, signal) {
      if (stopped) throw stopError();
      signal.throwIfAborted();
      const controller = new AbortController();
      // All running renders may share this signal, so Node's limit of 10 listeners does not apply.
      setMaxListeners(0, signal);
      // AbortSignal.any would leave a reference at a signal of the engine for each render, in Node 20.
      using _ = addAbortListener(signal, () => controller.abort(signal.reason));
      const rendering = renderOnFreeLane(task, controller.signal);
      running.set(controller, rendering);
      try {
        return await rendering;
      } finally {
        running.delete(controller);
      }
    },
    async stop() {
      stopped = true;
      clearInterval(touching);
      const renders = [...running];
      for (const [controller] of renders) controller.abort(stopError());
      await Promise.allSettled(renders.map(([, rendering]) => rendering));
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };

  async function renderOnFreeLane(task: RenderTask, signal: AbortSignal): Promise<RenderOutcome> {
    for (;;) {
      using permit = await shared.acquire(task, signal);
      try {
        return await renderOn(permit.lane, task, AbortSignal.any([signal, permit.recalled]));
      } catch (error) {
        if (!permit.recalled.aborted || signal.aborted) throw error;
        // Another owner's image takes the lane, and this render starts again.
      }
    }
  }

  async function renderOn(lane: Lane, task: RenderTask, signal: AbortSignal): Promise<RenderOutcome> {
    const first = await lane.tryOnce(task, signal);
    if (first.outcome !== 'lost') return first;
    // The machine or an earlier image may have caused the first crash. If a fresh child crashes too, blame the image.
    const second = await lane.tryOnce(task, signal);
    return second.outcome === 'lost' ? refused(second.code) : second;
  }
}

/** The CPU time of an image that declares so many pixels in all frames. */
const cpuMsOf = (pixels: number) => CPU_MS + (CPU_MS_PER_MEGAPIXEL * pixels) / 1_000_000;

async function openAll(lanes: Lane[]): Promise<void> {
  const opened = await Promise.allSettled(lanes.map((lane) => lane.open()));
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  await Promise.all(lanes.map((lane) => lane.close()));
  throw failed.reason;
}

const stopError = () => new Error('the image engine has stopped');
