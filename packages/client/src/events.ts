import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { readEvents } from './http/event-stream.js';
import type { Transport } from './http/transport.js';

/** A change of an image or a batch, with its snapshot. After `gap`, changes may be missing: read the lists. */
export type OwnerEvent =
  | { type: 'image'; data: Image }
  | { type: 'batch'; data: Batch }
  | { type: 'gap'; data: Record<string, never> };

/** Yields the events of the owner of the key. */
export async function* followOwner(
  transport: Transport,
  signal: AbortSignal | undefined,
): AsyncGenerator<OwnerEvent, void, undefined> {
  // A later server may have more types.
  for await (const { event: type, data } of readEvents(transport, '/v1/events', signal))
    if (type === 'image' || type === 'batch' || type === 'gap') yield { type, data: JSON.parse(data) };
}
