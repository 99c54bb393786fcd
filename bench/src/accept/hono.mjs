import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** Writes each body to a file, hashed and synced, and does nothing else. */
const app = new Hono();
app.post('/v1/images', async (c) => {
  const hash = createHash('sha256');
  const path = join(process.env.FOLDER, randomUUID());
  await pipeline(
    c.env.incoming,
    async function* hashed(chunks) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path, { flush: true }),
  );
  return c.json({ sha256: hash.digest('hex') }, 202);
});

process.on('disconnect', () => process.exit());
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send({ port }));
