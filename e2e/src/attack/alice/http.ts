import { connect, type Socket } from 'node:net';

export interface Reply {
  /** The status, or `cut`, `timeout` or `stopped`. */
  status: string;
  /** Empty unless the body was requested. */
  body: string;
}

export interface Connection {
  /** Sends a request and reads the response; connects first if needed. */
  exchange(request: readonly Uint8Array[], options?: ExchangeOptions): Promise<Reply>;
  close(): void;
}

export interface ExchangeOptions {
  /** Whether the body of the response is returned, up to 4 MiB. */
  keepsBody?: boolean;
  timeoutMs?: number;
}

/** Counts for one attack. */
export interface Traffic {
  /** Called once for each socket, with the bytes written to it. */
  wrote(bytes: number): void;
  opened(socket: Socket): void;
}

const TIMEOUT_MS = 60_000;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
const LAST_CHUNK = '\r\n0\r\n\r\n';

/** A keep-alive connection that costs far less than Node's client, so that the load does not distort the measurement. */
export function openConnection(port: number, traffic: Traffic): Connection {
  let socket: Socket | null = null;
  return {
    async exchange(request, options = {}) {
      if (socket === null || socket.destroyed) socket = open(port, traffic);
      const used = socket;
      const reply = await responseOn(used, request, options);
      if (reply.isLast) used.destroy();
      return { status: reply.status, body: reply.body };
    },
    close: () => socket?.destroy(),
  };
}

function open(port: number, traffic: Traffic): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.once('close', () => traffic.wrote(socket.bytesWritten));
  traffic.opened(socket);
  return socket;
}

function responseOn(
  socket: Socket,
  request: readonly Uint8Array[],
  { keepsBody = false, timeoutMs = TIMEOUT_MS }: ExchangeOptions,
): Promise<Reply & { isLast: boolean }> {
  return new Promise((resolve) => {
    const reader = openReader(keepsBody);
    const finish = (status: string, isLast: boolean) => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      resolve({ status, body: reader.body(), isLast });
    };
    const timer = setTimeout(() => finish('timeout', true), timeoutMs);
    const onClose = () => finish(reader.status() ?? 'cut', true);
    const onData = (chunk: Buffer) => {
      if (reader.take(chunk)) finish(reader.status() ?? 'cut', reader.isLast());
    };
    socket.on('data', onData).once('close', onClose);
    socket.cork();
    for (const chunk of request) socket.write(chunk);
    socket.uncork();
  });
}

/** Follows a response to its end: by Content-Length, by the last chunk, or by the end of the connection. */
function openReader(keepsBody: boolean) {
  let head = '';
  let status: string | null = null;
  let remaining: number | null = null;
  let isLast = false;
  let tail = '';
  const kept: Buffer[] = [];
  let keptBytes = 0;

  function takeBody(bytes: Buffer): boolean {
    if (keepsBody && keptBytes < MAX_KEPT_BYTES) kept.push(Buffer.from(bytes));
    keptBytes += bytes.length;
    if (remaining !== null) {
      remaining -= bytes.length;
      return remaining <= 0;
    }
    tail = (tail + bytes.toString('latin1', Math.max(0, bytes.length - LAST_CHUNK.length))).slice(
      -LAST_CHUNK.length,
    );
    return tail === LAST_CHUNK;
  }

  return {
    status: () => status,
    isLast: () => isLast,
    body: () => Buffer.concat(kept).toString('utf8'),
    /** True when the response is complete. */
    take(chunk: Buffer): boolean {
      if (status !== null) return takeBody(chunk);
      const seen = head.length;
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return false;
      const start = end + 4 - seen;
      const found = head.slice(9, 12);
      const lower = head.slice(0, end).toLowerCase();
      if (found === '100') {
        head = '';
        const rest = chunk.subarray(start);
        return rest.length > 0 && this.take(rest);
      }
      status = found;
      isLast = lower.includes('\r\nconnection: close');
      const length = /\r\ncontent-length: (\d+)/.exec(lower)?.[1];
      if (length !== undefined) remaining = Number(length);
      else if (status === '304' || status === '204') remaining = 0;
      else tail = '\r\n';
      return takeBody(chunk.subarray(start));
    },
  };
}
