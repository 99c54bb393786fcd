import type { Side } from '../side.js';
import type { Surroundings } from './all.js';
import { kill, startNodeServer } from './node-server.js';

export interface LoopOptions {
  /** Whether it has the settings that cost the least CPU time, rather than the defaults of sharp. */
  isBest: boolean;
  outputs: 'jpeg' | 'main-thumb';
}

/** The bare minimum: sharp from a file and a put, in as many lanes as there are cores. */
export async function startLoop(
  name: string,
  { sink, lanes }: Surroundings,
  { isBest, outputs }: LoopOptions,
): Promise<Side> {
  const { child } = await startNodeServer(new URL('../servers/loop.mjs', import.meta.url), {
    ...(isBest ? { BEST: '1', MALLOC_ARENA_MAX: '2' } : {}),
    OUTPUTS: outputs,
    LANES: String(lanes),
    TARGET: `${sink.endpoint}/${sink.bucket}`,
  });
  const landed = new Map<number, (error: string | undefined) => void>();
  child.on('message', ({ id, error }: { id: number; error?: string }) => {
    landed.get(id)?.(error);
    landed.delete(id);
  });
  let lastId = 0;
  return {
    name,
    processes: { server: child.pid ?? 0 },
    land({ path }) {
      const id = ++lastId;
      child.send({ id, path });
      return new Promise((resolve, reject) => {
        landed.set(id, (error) => (error === undefined ? resolve(null) : reject(new Error(error))));
      });
    },
    redisBytes: () => null,
    stop: () => kill(child),
  };
}
