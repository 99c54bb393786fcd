// Gives your page upload tokens: PIXDOCK_API_KEY=… node backend.mjs. The page uploads straight to Pixdock.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { PIXDOCK_URL = 'http://127.0.0.1:3000', PIXDOCK_API_KEY, PORT = '8080' } = process.env;
const { ORIGIN = `http://localhost:${PORT}` } = process.env; // CORS_ORIGINS of Pixdock lists it, too.
const headers = { Authorization: `Bearer ${PIXDOCK_API_KEY}`, 'Content-Type': 'application/json' };
const wanted = JSON.stringify({ maxCount: 5, expiresInSeconds: 300, origins: [ORIGIN] });
const page = readFileSync(new URL('page.html', import.meta.url));

createServer((request, response) => {
  // Check here that the visitor is signed in and may upload.
  if (request.method === 'POST') void sendToken(response);
  else response.setHeader('Content-Type', 'text/html; charset=utf-8').end(page);
}).listen(Number(PORT), 'localhost');

async function sendToken(response) {
  const call = { method: 'POST', headers, body: wanted };
  const created = await fetch(`${PIXDOCK_URL}/v1/upload-tokens`, call).catch(() => Response.error());
  const body = await created.json().catch(() => ({ detail: `${PIXDOCK_URL} does not answer.` }));
  if (!created.ok) console.error(body.detail);
  response.writeHead(created.status || 502, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ ...body, url: PIXDOCK_URL }));
}
