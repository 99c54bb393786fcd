import { parseEvents, type ServerEvent } from './parse-events.js';
import { pause, retryDelay } from './retry.js';
import { chunksOf } from './streams.js';
import type { Transport } from './transport.js';

/** The server sends a comment every 15 s; after three missing ones the connection is lost. */
const SILENCE_MS = 45_000;

/**
 * Yields the events of a stream. When the connection ends or is lost, it resumes with Last-Event-ID, as often as needed.
 * @throws PixdockApiError if the first connection fails, or the server refuses a later one
 */
export async function* readEvents(
  transport: Transport,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerEvent, void, undefined> {
  let lastEventId: string | undefined;
  let hasConnected = false;
  let failures = 0;
  for (;;) {
    const watchdog = openWatchdog(signal);
    let isOpen = false;
    try {
      const body = await transport.stream({
        method: 'GET',
        path,
        headers: { Accept: 'text/event-stream', 'Last-Event-ID': lastEventId },
        signal: watchdog.signal,
        retries: hasConnected ? Number.POSITIVE_INFINITY : undefined,
      });
      isOpen = true;
      hasConnected = true;
      for await (const event of parseEvents(watchdog.watch(chunksOf(body)))) {
        failures = 0;
        lastEventId = event.id ?? lastEventId;
        if (event.data !== '') yield event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isOpen) throw error;
    } finally {
      watchdog.stop();
    }
    await pause(retryDelay(++failures, undefined), signal);
  }
}

/** A signal that aborts with `outer`, or when the watched chunks stop arriving. */
function openWatchdog(outer: AbortSignal | undefined) {
  const controller = new AbortController();
  const end = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', end, { once: true });
  if (outer?.aborted === true) end();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(), SILENCE_MS);
  };
  return {
    signal: controller.signal,
    async *watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      restart();
      for await (const chunk of chunks) {
        restart();
        yield chunk;
      }
    },
    stop() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', end);
    },
  };
}
