// Gives your page upload tokens: PIXDOCK_API_KEY=… node backend.mjs. The page uploads straight to Pixdock.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const { PIXDOCK_URL = 'http://127.0.0.1:3000', PIXDOCK_API_KEY, PORT = '8080' } = process.env;
if (!PIXDOCK_API_KEY) throw new Error('Set PIXDOCK_API_KEY to a key with the scope submit.');
const origins = [process.env.ORIGIN ?? `http://localhost:${PORT}`]; // Pixdock: CORS_ORIGINS lists it, too.

createServer((request, response) => {
  respond(request, response).catch((error) => {
    console.error(error);
    response.writeHead(502).end();
  });
}).listen(Number(PORT), 'localhost');

async function respond(request, response) {
  if (request.method !== 'POST' || request.url !== '/upload-token') {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    return response.end(await readFile(new URL('page.html', import.meta.url)));
  }
  // Check here that the visitor is signed in and may upload.
  const created = await fetch(`${PIXDOCK_URL}/v1/upload-tokens`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${PIXDOCK_API_KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ maxCount: 5, expiresInSeconds: 300, origins }),
  });
  const body = await created.json();
  if (!created.ok) console.error(body.detail);
  response.writeHead(created.status, { 'Content-Type': 'application/json' });
  return response.end(JSON.stringify({ ...body, url: PIXDOCK_URL }));
}
