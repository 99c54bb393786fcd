import { randomInt } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { FORMATS, IMAGE_FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import type { Logger } from '@pixdock/shared/runtime/log';
import { detectFormat, SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';
import { collect } from './collect.js';
import { type Budget, type Decoder, type Ended, startDecoder } from './decoder.js';
import { emptyFolder, handOver, makeLaneFolder, touch } from './lane-folder.js';
import { profileVersion } from './profile-version.js';
import { refused } from './refusal.js';
import type { ImageLimits, RenderOutcome, RenderTask } from './types.js';

/** How a try at a render ended. `lost`: the child was, which need not be the image's fault; the code is for when it is. */
type Tried = RenderOutcome | { outcome: 'lost'; code: ErrorCode };

export interface Lane {
  /** Starts the child, so that a render need not wait for it. */
  open(): Promise<void>;
  /** Whether its child has an identity of its own. */
  isApart(): boolean;
  /** @throws when `signal` aborts, or the machine fails */
  attempt(task: RenderTask, signal: AbortSignal): Promise<Tried>;
  touch(): Promise<void>;
  close(): Promise<void>;
}

export interface LaneOptions {
  limits: ImageLimits;
  scratchDir: string;
  log: Logger;
  budget: Budget;
  childPath: string;
  /** Whether the disk below a folder is full. */
  isDiskFull?: (folder: string) => Promise<boolean>;
}

/** A child and its folder; both are replaced when the child is lost. */
interface Session {
  decoder: Decoder;
  folder: string;
}

/** randomInt takes no more. */
const MOST_ORDERS = 2 ** 48 - 1;

/** A lane renders one image at a time. With an `identity` its children become that user and group, where it is allowed. */
export function createLane(
  { limits, scratchDir, log, budget, childPath, isDiskFull = hasNoSpace }: LaneOptions,
  identity: number | null,
): Lane {
  let session: Session | null = null;
  let given = identity;

  return {
    async open() {
      await inSession(new AbortController().signal);
    },
    isApart: () => session?.decoder.dropped === true,
    attempt,
    async touch() {
      if (session !== null) await touch(session.folder);
    },
    close,
  };

  async function attempt(task: RenderTask, signal: AbortSignal): Promise<Tried> {
    const { decoder, folder } = await inSession(signal);
    let clean = false;
    try {
      await handOver(task.sourcePath, folder, given);
      const { profile, declaredType } = task;
      const order = randomInt(MOST_ORDERS);
      const question = { type: 'order', order, profile, declaredType } as const;
      const ended = await decoder.perform(question, () => task.onNormalizing?.(), signal);
      const tried = await conclude(ended, task, folder, isDiskFull, signal);
      clean = tried.outcome !== 'lost' && decoder.alive && (await emptyFolder(folder));
      return tried;
    } finally {
      if (!clean) await close();
    }
  }

  async function inSession(signal: AbortSignal): Promise<Session> {
    if (session?.decoder.alive === true) return session;
    await close();
    session = await start(signal);
    if (given === null || session.decoder.dropped) return session;
    // Root without the right to become another: such a child could not enter the other's folder.
    await close();
    given = null;
    session = await start(signal);
    return session;
  }

  async function start(signal: AbortSignal): Promise<Session> {
    const folder = await ownFolder();
    try {
      const setup = { type: 'setup', folder, identity: given, limits } as const;
      return { folder, decoder: await startDecoder(childPath, setup, budget, log, signal) };
    } catch (error) {
      await remove(folder);
      throw error;
    }
  }

  async function ownFolder(): Promise<string> {
    try {
      return await makeLaneFolder(scratchDir, given);
    } catch (error) {
      if (given === null || (error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      given = null;
      return makeLaneFolder(scratchDir, given);
    }
  }

  async function close(): Promise<void> {
    if (session === null) return;
    const { decoder, folder } = session;
    session = null;
    await decoder.kill();
    await remove(folder);
  }

  async function remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true }).catch((error) =>
      log.warn({ err: error }, 'a lane folder stays behind'),
    );
  }
}

async function conclude(
  ended: Ended,
  { sourcePath, profile, declaredType, outputDir }: RenderTask,
  folder: string,
  isDiskFull: (folder: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<Tried> {
  switch (ended.type) {
    case 'rendered': {
      const format = await formatOf(sourcePath);
      const collected = format === null ? null : await collect(ended, profile, folder, outputDir);
      if (format === null || collected === null) return lost('processing_crashed');
      // What we know ourselves is not left to the child.
      const known = {
        declaredType,
        detectedType: FORMATS[format].mediaType,
        profileVersion: profileVersion(profile),
      };
      const [source, receipt] = [
        { ...collected.source, format },
        { ...collected.receipt, ...known },
      ];
      return { outcome: 'rendered', rendered: { ...collected, source, receipt } };
    }
    case 'refused':
      return { outcome: 'refused', code: ended.code, detail: ended.detail };
    case 'fault': {
      // A hostile child would have its image wait for a disk that has space.
      const isTrue = ended.code !== null && (ended.code !== 'ENOSPC' || (await isDiskFull(folder)));
      throw Object.assign(new Error(ended.message), isTrue ? { code: ended.code } : {});
    }
    case 'timeout':
      return refused('processing_timeout');
    case 'memory':
      return lost('image_too_complex');
    case 'aborted':
      throw signal.reason;
    default:
      return lost('processing_crashed');
  }
}

async function formatOf(sourcePath: string): Promise<ImageFormat | null> {
  const file = await open(sourcePath, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0);
    const detected = detectFormat(buffer.subarray(0, bytesRead));
    return IMAGE_FORMATS.find((format) => format === detected) ?? null;
  } finally {
    await file.close();
  }
}

/** An output may have 64 MiB, and other lanes write at the same time. */
const LEAST_FREE_BYTES = 256 * 1024 * 1024;

async function hasNoSpace(folder: string): Promise<boolean> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return bavail * bsize < LEAST_FREE_BYTES || (files > 0 && ffree === 0);
}

const lost = (code: ErrorCode): Tried => ({ outcome: 'lost', code });
