import { formOf, send } from '../send.js';
import type { Side } from '../side.js';
import type { Surroundings } from './all.js';
import { kill, startNodeServer } from './node-server.js';

/** An Express route that receives, processes and stores the picture within the request. */
export async function startExpress({ sink }: Surroundings): Promise<Side> {
  const { child, port } = await startNodeServer(new URL('../servers/express.mjs', import.meta.url), {
    ENDPOINT: sink.endpoint,
    BUCKET: sink.bucket,
    REGION: sink.region,
  });
  return {
    name: 'express',
    processes: { server: child.pid ?? 0 },
    async land(picture) {
      const began = performance.now();
      await send(`http://127.0.0.1:${port}/images`, formOf(picture));
      return performance.now() - began;
    },
    redisBytes: () => null,
    stop: () => kill(child),
  };
}
