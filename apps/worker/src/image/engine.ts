import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ERROR_TABLE, type ErrorCode } from '@pixdock/shared/error-table';
import type { Logger } from '@pixdock/shared/log';
import pLimit from 'p-limit';
import { collect } from './collect.js';
import { type Budget, type Decoder, type Ended, startDecoder } from './decoder.js';
import { emptyFolder, handOver, makeLaneFolder, removeLeftovers } from './lane-folder.js';
import type { Order } from './protocol.js';
import type { ImageEngine, ImageLimits, RenderOutcome, RenderTask } from './types.js';

/** The dearest picture allowed (50 MP, WebP effort 6, 10 MP a core-second) takes 5 s; six times that on a busy machine. */
const PROCESS_TIMEOUT_MS = 30_000;
/** 50 MP × 4 channels decoded, its scaled copy and an encoder's own need; an honest 12 MP picture takes 0.3 GiB. */
const MAX_RSS_BYTES = 1024 ** 3;
/** Numbers that belong to nobody: above those that systems give out, below those of containers' users. */
const IDENTITY_BASE = 61_700;

export interface EngineOptions {
  limits: ImageLimits;
  lanes: number;
  /** An existing folder for the lanes' own ones. */
  scratchDir: string;
  log: Logger;
  timeoutMs?: number;
  maxRssBytes?: number;
  childPath?: string;
}

interface Lane {
  identity: number | null;
  folder: string;
  decoder: Decoder | null;
}

/** Starts one decoder for each lane. */
export async function createImageEngine(options: EngineOptions): Promise<ImageEngine> {
  const { limits, scratchDir, log } = options;
  const childPath = options.childPath ?? fileURLToPath(new URL('./child.js', import.meta.url));
  const budget: Budget = {
    timeoutMs: options.timeoutMs ?? PROCESS_TIMEOUT_MS,
    maxRssBytes: options.maxRssBytes ?? MAX_RSS_BYTES,
  };
  await removeLeftovers(scratchDir);
  const numbers = Array.from({ length: options.lanes }, (_, number) => number);
  const lanes = await Promise.all(numbers.map((number) => openLane(number)));
  const free = [...lanes];
  const slots = pLimit(options.lanes);
  if (lanes.some(({ decoder }) => decoder?.dropped === false))
    log.warn(
      'decoders run as the user of the worker: only root can give them one of their own (see SECURITY.md)',
    );

  return {
    render: (task, signal) => slots(() => renderOnFreeLane(task, signal)),
    async stop() {
      await Promise.all(lanes.map(closeLane));
    },
  };

  async function openLane(number: number): Promise<Lane> {
    const identity = process.getuid?.() === 0 ? IDENTITY_BASE + number : null;
    const lane: Lane = {
      identity,
      folder: await makeLaneFolder(scratchDir, number, identity),
      decoder: null,
    };
    await decoderOf(lane);
    return lane;
  }

  async function closeLane({ decoder, folder }: Lane): Promise<void> {
    await decoder?.kill();
    await rm(folder, { recursive: true, force: true });
  }

  async function decoderOf(lane: Lane): Promise<Decoder> {
    if (lane.decoder?.alive === true) return lane.decoder;
    const setup = { type: 'setup', folder: lane.folder, identity: lane.identity, limits } as const;
    lane.decoder = await startDecoder(childPath, setup, log);
    return lane.decoder;
  }

  async function renderOnFreeLane(task: RenderTask, signal: AbortSignal): Promise<RenderOutcome> {
    signal.throwIfAborted();
    const lane = free.pop();
    if (lane === undefined) throw new Error('more renders than lanes');
    try {
      const first = await renderOn(lane, task, signal);
      // A crash may be the machine's (out of memory, a neighbour's leftovers); a second one in a fresh child is the image's.
      return first ?? (await renderOn(lane, task, signal)) ?? refused('processing_crashed');
    } finally {
      await emptyFolder(lane.folder);
      free.push(lane);
    }
  }

  /** Null when the child crashed. */
  async function renderOn(lane: Lane, task: RenderTask, signal: AbortSignal): Promise<RenderOutcome | null> {
    const decoder = await decoderOf(lane);
    await handOver(task.sourcePath, lane.folder, decoder.dropped ? lane.identity : null);
    const order: Order = { type: 'order', profile: task.profile, declaredType: task.declaredType };
    const ended = await decoder.perform(order, budget, () => task.onNormalizing?.(), signal);
    if (ended.type !== 'rendered' && ended.type !== 'refused' && ended.type !== 'fault') await decoder.kill();
    return conclude(ended, task, lane.folder, signal);
  }
}

async function conclude(
  ended: Ended,
  { profile, outputDir }: RenderTask,
  folder: string,
  signal: AbortSignal,
): Promise<RenderOutcome | null> {
  switch (ended.type) {
    case 'rendered':
      return { outcome: 'rendered', rendered: await collect(ended, profile, folder, outputDir) };
    case 'refused':
      return { outcome: 'refused', code: ended.code, detail: ended.detail };
    case 'fault':
      throw Object.assign(new Error(ended.message), { code: ended.code ?? undefined });
    case 'timeout':
      return refused('processing_timeout');
    case 'memory':
      return refused('image_too_complex');
    case 'aborted':
      throw signal.reason;
    case 'crash':
      return null;
  }
}

function refused(code: ErrorCode): RenderOutcome {
  return { outcome: 'refused', code, detail: ERROR_TABLE[code].fix };
}
