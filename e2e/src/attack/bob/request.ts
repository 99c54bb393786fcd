import { request as httpRequest } from 'node:http';

export interface BobReply {
  /** The status, or the error code. */
  status: string;
  body: string;
}

const TIMEOUT_MS = 60_000;

/** Sends one request on a new connection. */
export function send(
  port: number,
  method: string,
  path: string,
  body: Uint8Array | null = null,
  type = 'image/jpeg',
): Promise<BobReply> {
  return new Promise((resolve) => {
    const headers = {
      // Load balancers send no key.
      ...(path === '/livez' ? {} : { Authorization: 'Bearer key-of-the-owner-bob' }),
      ...(body === null ? {} : { 'Content-Type': type, 'Content-Length': body.length }),
    };
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false });
    const timer = setTimeout(() => request.destroy(new Error('timeout')), TIMEOUT_MS);
    const finish = (reply: BobReply) => {
      clearTimeout(timer);
      resolve(reply);
    };
    request.on('error', (error: NodeJS.ErrnoException) =>
      finish({ status: error.code ?? error.message, body: '' }),
    );
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error) => finish({ status: error.message, body: '' }));
      response.on('end', () =>
        finish({ status: String(response.statusCode), body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.end(body ?? undefined);
  });
}
