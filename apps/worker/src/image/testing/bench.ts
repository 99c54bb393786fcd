import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtInProfiles, type Profile, profileSchema } from '@pixdock/contract/profile';
import { createLog } from '@pixdock/shared/runtime/log';
import type { z } from 'zod';
import { openTestEvents } from '../../testing/test-events.js';
import { DEFAULT_LIMITS } from '../default-limits.js';
import { createImageEngine, type EngineOptions } from '../engine.js';
import type { Rendered, RenderOutcome } from '../types.js';

/** The compiled decoder, since a child process cannot run TypeScript. */
export const COMPILED_CHILD = fileURLToPath(new URL('../../../dist/image/child.js', import.meta.url));
/** The bundle of it, if vitest has made one (e2e/src/harness/bundle-services.mjs): it starts in half the CPU time. */
const bundledChild = () => {
  const folder = process.env.PIXDOCK_SERVICES;
  return folder === undefined ? COMPILED_CHILD : join(folder, 'image', 'child.cjs');
};
export const double = (name: string) => fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));

export const profile = (input: z.input<typeof profileSchema>): Profile => profileSchema.parse(input);
const NATIVE = profile({ variants: { main: {} } });
/** The built-in default profile. */
export const DEFAULT = builtInProfiles().get('default') ?? NATIVE;

export interface RenderOptions {
  profile?: Profile;
  imageId?: string;
  signal?: AbortSignal;
  declaredType?: string;
  owner?: string;
}

export type Bench = Awaited<ReturnType<typeof openBench>>;

/** Starts an engine in a temporary folder, which `close` removes. */
export async function openBench(engineOptions: Partial<EngineOptions> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'pixdock-image-'));
  const scratchDir = join(dir, 'scratch');
  const staging = join(dir, 'staging');
  for (const folder of [scratchDir, staging]) await mkdir(folder, { mode: 0o700 });
  const remove = () => rm(dir, { recursive: true, force: true });
  const engine = await createImageEngine({
    limits: DEFAULT_LIMITS,
    labels: { isKept: true, propagator: null },
    overlays: new Map(),
    lanes: 1,
    scratchDir,
    log: createLog('test', { level: 'silent' }),
    events: openTestEvents(),
    childPath: bundledChild(),
    ...engineOptions,
  }).catch(async (error) => {
    await remove();
    throw error;
  });
  let count = 0;

  async function render(source: Buffer | string, options: RenderOptions = {}): Promise<RenderOutcome> {
    const sourcePath = typeof source === 'string' ? source : join(staging, `source-${++count}`);
    if (typeof source !== 'string') await writeFile(sourcePath, source, { mode: 0o600 });
    const task = {
      sourcePath,
      declaredType: options.declaredType ?? null,
      imageId: options.imageId ?? 'img_1',
      profile: options.profile ?? NATIVE,
      owner: options.owner ?? 'acme',
      isUrgent: true,
    };
    return await engine.render(task, options.signal ?? new AbortController().signal);
  }

  return {
    dir,
    scratchDir,
    staging,
    engine,
    render,
    /** Renders an image and reads the outputs. @throws when it is refused */
    async rendered(
      source: Buffer,
      options: RenderOptions = {},
    ): Promise<Rendered & { files: Record<string, Buffer> }> {
      const outcome = await render(source, options);
      if (outcome.outcome !== 'rendered')
        throw new Error(`refused as ${outcome.code}: ${outcome.detail.reason}`);
      return { ...outcome.rendered, files: Object.fromEntries(outcome.bodies) };
    },
    /** The code of the refusal, or `rendered`. */
    async refusal(source: Buffer, options: RenderOptions = {}): Promise<string> {
      const outcome = await render(source, options);
      return outcome.outcome === 'refused' ? outcome.code : outcome.outcome;
    },
    async close() {
      await engine.stop();
      await remove();
    },
  };
}

export async function eventually(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = 10_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`timed out after ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
