import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** A server-sent event. */
export interface ServerEvent {
  id: string;
  type: string;
  /** JSON without line breaks. */
  data: string;
}

/** A response that sends events until it ends. */
export interface EventStream {
  /** Whether the client reads slower than events arrive. Do not send until it reads again. */
  isBlocked(): boolean;
  send(event: ServerEvent): void;
  end(): void;
}

/** Sends the events of one stream. */
export interface EventSource {
  /** Called when the client, after it was slow, reads again. */
  onReady: () => void;
  /** Called once, when the stream is over. */
  onClose: () => void;
}

export interface EventStreams {
  /** Begins a stream in a response that has not begun. */
  open(
    outgoing: ServerResponse,
    headers: OutgoingHttpHeaders,
    right: ReadRight,
    start: (stream: EventStream) => EventSource,
  ): void;
}

/** The right of a caller to a stream. */
export interface ReadRight {
  /** Whether the caller may still read; asked before each comment. */
  isAllowed: () => boolean;
  /** Called when the stream is over. */
  release: () => void;
}

/** Proxies close a connection without a byte for 60 s (nginx, SLB), some for 30 s. */
const COMMENT_MS = 15_000;
/** Bounds how long a client that vanished without closing its connection holds a stream. */
const LIFE_MS = 600_000;
/** How long a client waits before it resumes, in ms; browsers wait about 3 s by default. */
const RETRY_MS = 1000;

/**
 * Opens streams on raw responses: an idle one costs two timers and a few closures besides its connection, and a
 * `ReadableStream` costs 5 KiB more (measured).
 */
export function openEventStreams(
  stopping: AbortSignal,
  {
    commentMs = COMMENT_MS,
    lifeMs = LIFE_MS,
  }: { commentMs?: number | undefined; lifeMs?: number | undefined } = {},
): EventStreams {
  // One listener for all: an AbortSignal goes through its listeners one by one to remove one.
  const ends = new Set<() => void>();
  stopping.addEventListener('abort', () => {
    for (const end of ends) end();
  });

  return {
    open(outgoing, headers, { isAllowed, release }, start) {
      const isOver = () => outgoing.writableEnded || outgoing.destroyed;
      const end = () => {
        // The rest would never reach a client that does not read.
        if (outgoing.writableNeedDrain) outgoing.destroy();
        else outgoing.end();
      };
      outgoing.writeHead(200, headers);
      outgoing.flushHeaders();
      // Some clients take every block for an event, so the retry time is part of the first one.
      let head = `retry: ${RETRY_MS}\n`;
      const source = start({
        isBlocked: () => outgoing.writableNeedDrain,
        send({ id, type, data }) {
          if (!isOver()) outgoing.write(`${head}id: ${id}\nevent: ${type}\ndata: ${data}\n\n`);
          head = '';
        },
        end,
      });
      const commenting = setInterval(() => {
        if (!isAllowed()) end();
        else if (!isOver() && !outgoing.writableNeedDrain) outgoing.write(':\n');
      }, commentMs);
      const life = setTimeout(end, lifeMs);
      ends.add(end);
      const close = () => {
        clearInterval(commenting);
        clearTimeout(life);
        ends.delete(end);
        source.onClose();
        release();
      };
      outgoing.on('drain', () => source.onReady());
      if (outgoing.closed) close();
      else outgoing.once('close', close);
      if (stopping.aborted) end();
    },
  };
}
