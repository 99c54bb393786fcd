import { readEvents } from './event-stream.js';
import type { Transport } from './transport.js';

/** Yields the snapshots of a stream with increasing versions, up to the final one. */
export async function* followSnapshots<T extends { version: number }>(
  transport: Transport,
  path: string,
  isFinal: (snapshot: T) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  let version = 0;
  for await (const { data } of readEvents(transport, path, signal)) {
    const snapshot = JSON.parse(data) as T;
    if (snapshot.version <= version) continue;
    version = snapshot.version;
    yield snapshot;
    if (isFinal(snapshot)) return;
  }
}
