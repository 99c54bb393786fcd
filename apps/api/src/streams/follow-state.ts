import type { SharedReads, Versioned } from '../waits/shared-reads.js';
import type { EventSource, EventStream } from './event-stream.js';

/** How the states of images or of batches become events. */
export interface StateEvents<T> {
  type: string;
  /** The body that a GET has. */
  toView: (state: T) => unknown;
  isSettled: (state: T) => boolean;
}

/**
 * Sends the states of one image or batch: each newer than the one before, the newest one if the client is slow, and last the
 * final one.
 * @param first the state that the request has read itself
 * @param after the version that the client has; 0 for none
 */
export function followState<T extends Versioned>(
  stream: EventStream,
  reads: SharedReads<T>,
  first: T,
  after: number,
  { type, toView, isSettled }: StateEvents<T>,
): EventSource {
  let sent = after;
  /** The newest state that is not sent yet. */
  let unsent: T | null = null;
  const flush = () => {
    if (unsent === null || stream.isBlocked()) return;
    const state = unsent;
    unsent = null;
    sent = state.version;
    stream.send({ id: String(state.version), type, data: JSON.stringify(toView(state)) });
    if (isSettled(state)) stream.end();
  };
  const onState = (state: T) => {
    if (state.version <= (unsent?.version ?? sent)) return;
    unsent = state;
    flush();
  };
  onState(first);
  if (isSettled(first)) return { onReady: flush, onClose() {} };
  // While the state cannot be read, the stream stays open: it is read again within two seconds.
  const leave = reads.follow(first.id, { onState, onError() {} });
  return { onReady: flush, onClose: leave };
}

/** The version in `Last-Event-ID`; 0 for none. */
export function versionOf(lastEventId: string | undefined): number {
  return /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0;
}
