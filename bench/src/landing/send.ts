import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Picture } from './pictures.js';

const agent = new Agent({ keepAlive: true });

export interface Sent {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: Buffer;
}

/** Sends a request and reads the response. @throws unless the status is 2xx */
export async function send(url: string, { method, headers, body }: Sent): Promise<Buffer> {
  const length = body === undefined ? {} : { 'content-length': body.length };
  const sent = request(url, { agent, method, headers: { ...headers, ...length } });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const answer = await buffer(response);
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) throw new Error(`${url}: ${status} ${answer.toString('utf8')}`);
  return answer;
}

/** The picture as the body. */
export const rawOf = ({ body, type }: Picture): Sent => ({
  method: 'POST',
  headers: { 'content-type': type },
  body,
});

const BOUNDARY = 'boundary-of-the-benchmark';

/** The picture as the field `file` of a form, after other fields. */
export function formOf({ body, type }: Picture, fields: Record<string, string> = {}): Sent {
  const others = Object.entries(fields).map(([name, value]) => `${headOf(name)}\r\n\r\n${value}\r\n`);
  const head = `${others.join('')}${headOf('file')}; filename="photo"\r\nContent-Type: ${type}\r\n\r\n`;
  return {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: Buffer.concat([Buffer.from(head), body, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]),
  };
}

const headOf = (name: string) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`;
