/* Loaded into an API: it says which requests it has read. */
import { subscribe } from 'node:diagnostics_channel';

subscribe('http.server.request.start', ({ request }) => {
  process.stderr.write(`read ${request.headers['x-try']}\n`);
});
