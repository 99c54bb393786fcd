import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** Responds with the same JSON to every request, and does nothing else. */
const state = JSON.parse(process.env.STATE);
const app = new Hono();
app.get('/v1/images/:id', (c) => c.json(state));

process.on('disconnect', () => process.exit());
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send({ port }));
