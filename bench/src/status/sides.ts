import type { Service } from '@pixdock/e2e/harness/processes';
import type { TestRedis } from '@pixdock/e2e/harness/redis';
import { SMALL_PICTURE } from '../api/small-picture.js';
import { KEY } from '../api/start-api.js';
import { startNodeServer } from '../landing/sides/node-server.js';

interface Submitted {
  path: string;
  etag: string;
  text: string;
}

/** Submits images that no worker processes. */
export async function submitImages(url: string, count: number): Promise<Submitted[]> {
  const { body, type } = SMALL_PICTURE;
  const headers = { Authorization: `Bearer ${KEY}`, 'Content-Type': type };
  const submitted: Submitted[] = [];
  for (let i = 0; i < count; i++) {
    const answer = await fetch(`${url}/v1/images?externalId=image-${i}`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (answer.status !== 202) throw new Error(`${answer.status} ${text}`);
    const path = answer.headers.get('Location') ?? '';
    submitted.push({ path, etag: answer.headers.get('ETag') ?? '', text });
  }
  return submitted;
}

export interface StatusSide {
  name: string;
  port: number;
  pid: number;
  redisPid: number | null;
  requests: readonly Buffer[];
  status: number;
}

export function sidesOf(
  api: Service,
  hono: Awaited<ReturnType<typeof startNodeServer>>,
  redis: TestRedis,
  images: readonly Submitted[],
): StatusSide[] {
  const pixdock = { port: Number(new URL(api.url).port), pid: api.pid, redisPid: redis.pid() };
  const bare = { port: hono.port, pid: hono.child.pid ?? 0, redisPid: null };
  return [
    { name: 'hono', ...bare, requests: images.map(({ path }) => requestOf(path)), status: 200 },
    { name: 'poll', ...pixdock, requests: images.map(({ path }) => requestOf(path)), status: 200 },
    {
      name: 'not modified',
      ...pixdock,
      requests: images.map(({ path, etag }) => requestOf(path, `If-None-Match: ${etag}\r\n`)),
      status: 304,
    },
    { name: '/livez', ...pixdock, requests: [requestOf('/livez')], status: 200 },
  ];
}

const requestOf = (path: string, more = '') =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${KEY}\r\nAccept: application/json\r\nUser-Agent: bench\r\n${more}\r\n`,
  );
