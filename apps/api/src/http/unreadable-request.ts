import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { toProblem } from '@pixdock/contract/error';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { type Detail, detailOf, fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import { SECURITY_HEADERS } from './security-headers.js';
import { UNREPEATABLE_HEADERS } from './unrepeatable-headers.js';

/** How long a refused client may take to read the response. */
const LINGER_MS = 1000;
/** Node's default. */
const MAX_HEADER_BYTES = 16 * 1024;

/** Responds with a problem, as the app does, to bytes that Node cannot parse as a request. */
export function refuseUnreadable(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  last: ServerResponse | undefined,
  language: Language,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable || (last?.headersSent && !last.req.complete)) {
    socket.destroy();
    return;
  }
  // A malformed request does not affect the response to the complete request before it on the connection.
  if (last?.req.complete && !last.writableFinished && !last.destroyed) {
    last.once('finish', () => refuseUnreadable(error, socket, undefined, language));
    return;
  }
  const code: ErrorCode = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'invalid_request';
  const { body, headers } = problem(
    code,
    code === 'request_timeout' ? fixOf(code) : detailOfUnreadable(error),
    language,
  );
  const status = code === 'request_timeout' ? '408 Request Timeout' : '400 Bad Request';
  const lines = Object.entries({
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  socket.end(
    `HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
  // Closing with unread bytes would reset the connection before the client reads the response.
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

/** Refuses HTTP requests that the app cannot represent: without a valid Host, or with a backslash in the path. */
export function refuseMalformed(language: Language): Response {
  return refusal(detailOf('not-http'), language);
}

/** Refuses a request that repeats one of `UNREPEATABLE_HEADERS`. */
export function refuseRepeatedHeader(language: Language): Response {
  return refusal(detailOf('repeated-header', { headers: UNREPEATABLE_HEADERS }), language);
}

function detailOfUnreadable({ code }: NodeJS.ErrnoException): Detail {
  return code === 'HPE_HEADER_OVERFLOW'
    ? detailOf('headers-too-large', { max: MAX_HEADER_BYTES })
    : detailOf('not-http');
}

function refusal(detail: Detail, language: Language): Response {
  const { body, headers } = problem('invalid_request', detail, language);
  return new Response(body, { status: 400, headers });
}

function problem(code: ErrorCode, detail: Detail, language: Language) {
  const requestId = randomUUID();
  return {
    body: JSON.stringify({ ...toProblem(code, sayDetail(language, detail), language), requestId }),
    headers: {
      'Content-Type': 'application/problem+json',
      'Content-Language': language,
      'Cache-Control': 'no-store',
      ...SECURITY_HEADERS,
      'X-Request-Id': requestId,
    },
  };
}
