import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { toProblem } from '@pixdock/contract/error';
import { ERROR_TABLE, type ErrorCode, type Text } from '@pixdock/contract/error-table';
import { SECURITY_HEADERS } from './security-headers.js';
import { UNREPEATABLE_HEADERS } from './unrepeatable-headers.js';

/** How long a refused client may take to read the response. */
const LINGER_MS = 1000;

/** Responds with a problem, as the app does, to bytes that Node cannot parse as a request. */
export function refuseUnreadable(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  last: ServerResponse | undefined,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable || (last?.headersSent && !last.writableFinished)) {
    socket.destroy();
    return;
  }
  // A malformed request does not affect the response to the complete request before it on the connection.
  if (last?.req.complete && !last.writableFinished && !last.destroyed) {
    last.once('finish', () => refuseUnreadable(error, socket, undefined));
    return;
  }
  const code: ErrorCode = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'invalid_request';
  const { body, headers } = problem(code, error.code === 'HPE_HEADER_OVERFLOW' ? HEADERS_TOO_LARGE : NO_HTTP);
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
export function refuseMalformed(): Response {
  return refusal(NO_HTTP);
}

/** Refuses a request that repeats one of `UNREPEATABLE_HEADERS`. */
export function refuseRepeatedHeader(): Response {
  return refusal(REPEATED_FIELD);
}

function refusal(detail: Text): Response {
  const { body, headers } = problem('invalid_request', detail);
  return new Response(body, { status: 400, headers });
}

function problem(code: ErrorCode, detail: Text) {
  const requestId = randomUUID();
  const text = code === 'invalid_request' ? detail : ERROR_TABLE[code].fix;
  return {
    body: JSON.stringify({ ...toProblem(code, text, 'en'), requestId }),
    headers: {
      'Content-Type': 'application/problem+json',
      'Content-Language': 'en',
      'Cache-Control': 'no-store',
      ...SECURITY_HEADERS,
      'X-Request-Id': requestId,
    },
  };
}

const NO_HTTP: Text = {
  en: 'This is not a well-formed HTTP/1.1 request: check its first line, Host, Content-Length and chunks.',
  zh: '不是格式正确的 HTTP/1.1 请求：请检查请求行、Host、Content-Length 与分块。',
};
const REPEATED_FIELD: Text = {
  en: `A request header is given twice, but may be given only once: ${UNREPEATABLE_HEADERS.join(', ')}.`,
  zh: `以下请求头只能出现一次，但其中之一重复出现：${UNREPEATABLE_HEADERS.join('、')}。`,
};
const HEADERS_TOO_LARGE: Text = {
  en: 'The request headers are larger than 16 KiB in all.',
  zh: '请求头总大小超过 16 KiB。',
};
