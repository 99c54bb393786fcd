/* Serves the contract of docs/review.md: verifies each request of Pixdock, and answers with the decision of `decide`. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

const MAX_AGE_S = 300;

/** @param decide gets the bytes of the image and the `data` of the event, and returns `{ decision, reasons }` */
export function serve(decide) {
  const secret = process.env.REVIEW_HTTP_SECRET ?? '';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (key.length < 24) throw new Error('Set REVIEW_HTTP_SECRET to that of the workers.');
  const server = createServer((request, response) => void respond(request, response));
  const { PORT = '8090', HOST = '127.0.0.1' } = process.env;
  server.listen(Number(PORT), HOST, () => console.log(`http://${HOST}:${PORT}`));

  async function respond(request, response) {
    try {
      const { image, data } = await readRequest(request, key);
      const answer = JSON.stringify(await decide(image, data));
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    } catch (error) {
      // Pixdock keeps the image waiting, and asks again.
      console.error(error);
      response.writeHead(error instanceof Refusal ? 403 : 500).end();
    }
  }
}

class Refusal extends Error {}

async function readRequest(request, key) {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(await buffer(request), { headers }).formData();
  const event = await textOf(form.get('event'));
  verify(request.headers, event, key);
  const { data } = JSON.parse(event);
  const image = Buffer.from(await form.get('image').arrayBuffer());
  if (createHash('sha256').update(image).digest('hex') !== data.sha256)
    throw new Refusal('The image is not the one of the event.');
  return { image, data };
}

const textOf = async (part) => (typeof part === 'string' ? part : part.text());

/** As in Standard Webhooks 1.0; the signed content is the event. */
function verify(headers, event, key) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < MAX_AGE_S))
    throw new Refusal('The request is old.');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${event}`).digest();
  const isSigned = String(headers['webhook-signature'])
    .split(' ')
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
  if (!isSigned) throw new Refusal('The signature is wrong.');
}
