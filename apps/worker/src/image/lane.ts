import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Logger } from '@pixdock/shared/runtime/log';
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
  { limits, scratchDir, log, budget, childPath }: LaneOptions,
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
      const tried = await conclude(ended, task, folder, signal);
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
  { profile, declaredType, outputDir }: RenderTask,
  folder: string,
  signal: AbortSignal,
): Promise<Tried> {
  switch (ended.type) {
    case 'rendered': {
      const collected = await collect(ended, profile, folder, outputDir);
      if (collected === null) return lost('processing_crashed');
      // What we know ourselves is not left to the child.
      const receipt = { ...collected.receipt, declaredType, profileVersion: profileVersion(profile) };
      return { outcome: 'rendered', rendered: { ...collected, receipt } };
    }
    case 'refused':
      return { outcome: 'refused', code: ended.code, detail: ended.detail };
    case 'fault':
      throw Object.assign(new Error(ended.message), ended.code === null ? {} : { code: ended.code });
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

const lost = (code: ErrorCode): Tried => ({ outcome: 'lost', code });
