import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '@pixdock/shared/error-table';
import { ERROR_TABLE } from '@pixdock/shared/error-table';
import { toProblem } from '@pixdock/shared/errors';

/** Answers what Node could not read as a request with a problem, as the app would have. */
export function answerBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code: ErrorCode = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'invalid_request';
  const body = JSON.stringify(toProblem(code, ERROR_TABLE[code].fix, 'en'));
  const status = code === 'request_timeout' ? '408 Request Timeout' : '400 Bad Request';
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/**
 * Sends 100 Continue only once somebody reads the body, so that a refusal (key, size) comes before a client that asks
 * for it has sent anything.
 */
export function expectContinue(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const read = request.read.bind(request);
    request.read = (size?: number) => {
      if (!response.headersSent) response.writeContinue();
      request.read = read;
      return read(size);
    };
    server.emit('request', request, response);
  });
}
