import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isCertificateFault } from '@pixdock/object-store/judge-facts';
import { loopbackLookup } from '@pixdock/object-store/loopback';
import { text } from '../messages/doctor.js';
import { Finding } from './finding.js';

export interface PublicResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** Up to MAX_BYTES. */
  body: Buffer;
}

/** Requests a public URL as a browser would, without following redirects. @throws Finding without a response */
export async function fetchPublicUrl(
  url: string,
  method: 'GET' | 'OPTIONS' = 'GET',
  more: Readonly<Record<string, string>> = {},
): Promise<PublicResponse> {
  try {
    return await send(url, method, more);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : null;
    if (code === null) throw new Finding('Unreachable', text('no-response-in-time'));
    throw new Finding(findingOf(code), text('verbatim', { value: code }));
  }
}

function findingOf(code: string) {
  if (isCertificateFault(code)) return 'Certificate';
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'DnsFailure' : 'Unreachable';
}

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 1024 * 1024;

function send(url: string, method: string, more: Readonly<Record<string, string>>): Promise<PublicResponse> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const options = {
    method,
    lookup: loopbackLookup,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    agent: false,
    headers: { accept: 'image/*,*/*;q=0.8', 'user-agent': 'pixdock-ops', ...more },
  } as const;
  return new Promise((resolve, reject) => {
    request(url, options, (message) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const finish = () =>
        resolve({ status: message.statusCode ?? 0, headers: message.headers, body: Buffer.concat(chunks) });
      message.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes <= MAX_BYTES) return;
        finish();
        message.destroy();
      });
      message.on('end', finish);
      message.on('error', reject);
    })
      .on('upgrade', ({ statusCode = 0, headers }, socket) => {
        socket.destroy();
        resolve({ status: statusCode, headers, body: Buffer.alloc(0) });
      })
      .on('error', reject)
      .end();
  });
}
