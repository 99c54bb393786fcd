import { createParser, type EventSourceMessage } from 'eventsource-parser';
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
): AsyncGenerator<EventSourceMessage, void, undefined> {
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
      const decoder = new TextDecoder();
      const events: EventSourceMessage[] = [];
      const parser = createParser({ onEvent: (event) => events.push(event) });
      watchdog.restart();
      for await (const chunk of chunksOf(body)) {
        watchdog.restart();
        parser.feed(decoder.decode(chunk, { stream: true }));
        for (const event of events.splice(0)) {
          failures = 0;
          lastEventId = event.id ?? lastEventId;
          if (event.data !== '') yield event;
        }
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

/** A signal that aborts with `outer`, or when `restart` is not called for some time after its first call. */
function openWatchdog(outer: AbortSignal | undefined) {
  const controller = new AbortController();
  const end = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', end, { once: true });
  if (outer?.aborted === true) end();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    signal: controller.signal,
    restart() {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), SILENCE_MS);
    },
    stop() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', end);
    },
  };
}
