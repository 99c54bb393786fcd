import { randomInt } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { Overlays } from '@pixdock/shared/runtime/read-overlay';
import type { WorkerEvents } from '../events.js';
import { type Budget, type Decoder, startDecoder } from './decoder.js';
import type { LabelSettings } from './label/keep.js';
import {
  emptyFolder,
  makeLaneFolder,
  provideOverlay,
  provideSource,
  removeLaneFolder,
  touch,
} from './lane-folder.js';
import { type TryResult, toTryResult } from './try-result.js';
import type { ImageLimits, RenderTask } from './types.js';

export interface LaneOptions {
  limits: ImageLimits;
  labels: LabelSettings;
  overlays: Overlays;
  /** An existing folder in which each lane creates its folder. */
  scratchDir: string;
  log: Logger;
  events: Pick<WorkerEvents, 'decoderEnded'>;
  budget: Budget;
  childPath: string;
  /** Whether the disk that holds a folder is full. */
  isDiskFull?: (folder: string) => Promise<boolean>;
}

/** A child and its folder. Both are replaced when the child ends. */
interface Session {
  decoder: Decoder;
  folder: string;
}

/** The limit of randomInt. */
const MAX_ORDER_ID = 2 ** 48 - 1;

/** A lane renders one image at a time. Its children switch to the user and group `identity` if the worker may do that. */
export function createLane(
  {
    limits,
    labels,
    overlays,
    scratchDir,
    log,
    events,
    budget,
    childPath,
    isDiskFull = hasNoSpace,
  }: LaneOptions,
  identity: number | null,
) {
  let session: Session | null = null;
  let childIdentity = identity;

  return {
    /** Starts the child before the first render. */
    async open(): Promise<void> {
      await ensureSession(new AbortController().signal);
    },
    /** Whether the child runs as its unprivileged user. */
    isIsolated: () => session?.decoder.droppedRoot === true,
    /** @throws the signal's reason when `signal` aborts; system errors */
    tryOnce,
    async touch(): Promise<void> {
      if (session !== null) await touch(session.folder);
    },
    close,
  };

  async function tryOnce(task: RenderTask, signal: AbortSignal): Promise<TryResult> {
    const { decoder, folder } = await ensureSession(signal);
    let isClean = false;
    let reason: Parameters<WorkerEvents['decoderEnded']>[0] = 'fault';
    try {
      await provideSource(task.sourcePath, folder, childIdentity);
      const { imageId, profile, declaredType } = task;
      const overlay = overlays.get(profile.overlay?.sha256 ?? '');
      if (overlay !== undefined) await provideOverlay(overlay, folder);
      const orderId = randomInt(MAX_ORDER_ID);
      const order = { type: 'order', orderId, imageId, profile, declaredType } as const;
      const orderResult = await decoder.perform(order, () => task.onNormalizing?.(), signal);
      if (orderResult.type !== 'rendered' && orderResult.type !== 'refused') reason = orderResult.type;
      const result = await toTryResult(orderResult, task, folder, isDiskFull, signal);
      isClean = result.outcome !== 'lost' && decoder.alive && (await emptyFolder(folder));
      return result;
    } finally {
      if (!isClean) {
        events.decoderEnded(reason);
        await close();
      }
    }
  }

  async function ensureSession(signal: AbortSignal): Promise<Session> {
    if (session?.decoder.alive === true) return session;
    // It died between two images.
    if (session !== null) events.decoderEnded('crash');
    await close();
    session = await start(signal);
    if (childIdentity === null || session.decoder.droppedRoot) return session;
    // Root without SETUID: the child stays root and, without CAP_DAC_OVERRIDE, cannot enter a folder of another user.
    await close();
    childIdentity = null;
    session = await start(signal);
    return session;
  }

  async function start(signal: AbortSignal): Promise<Session> {
    const folder = await makeFolder();
    try {
      const setup = { type: 'setup', folder, identity: childIdentity, limits, labels } as const;
      return { folder, decoder: await startDecoder(childPath, setup, budget, log, signal) };
    } catch (error) {
      await removeLaneFolder(folder, log);
      throw error;
    }
  }

  async function makeFolder(): Promise<string> {
    try {
      return await makeLaneFolder(scratchDir, childIdentity);
    } catch (error) {
      if (childIdentity === null || (error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      childIdentity = null;
      return makeLaneFolder(scratchDir, childIdentity);
    }
  }

  async function close(): Promise<void> {
    if (session === null) return;
    const { decoder, folder } = session;
    session = null;
    await decoder.kill();
    await removeLaneFolder(folder, log);
  }
}

export type Lane = ReturnType<typeof createLane>;

/** An output may take 64 MiB, and other lanes write at the same time. */
const MIN_FREE_BYTES = 256 * 1024 * 1024;

async function hasNoSpace(folder: string): Promise<boolean> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  // Some file systems do not count inodes.
  return bavail * bsize < MIN_FREE_BYTES || (files > 0 && ffree === 0);
}
