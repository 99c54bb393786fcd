import type { OwnerEvent } from '../../events.js';
import type { Pixdock } from '../../pixdock.js';

/** Images, and batches, that a catch-up reads at most. */
const READ = 1000;
/** How much earlier than the gap they may have been created. */
const AGE_MS = 3600_000;

/** The images and batches that became final since a time, in the order of their creation, images first. */
export async function readMissed(client: Pixdock, since: string, signal: AbortSignal): Promise<OwnerEvent[]> {
  const createdSince = new Date(Date.parse(since) - AGE_MS).toISOString();
  const images: OwnerEvent[] = [];
  for await (const data of newest(client.images.list({ signal }), createdSince))
    if (isFinalSince(data, since)) images.unshift({ type: 'image', data });
  const batches: OwnerEvent[] = [];
  for await (const data of newest(client.batches.list({ signal }), createdSince))
    if (isFinalSince(data, since)) batches.unshift({ type: 'batch', data });
  return [...images, ...batches];
}

async function* newest<T extends { createdAt: string }>(
  list: AsyncIterable<T>,
  since: string,
): AsyncGenerator<T> {
  let read = 0;
  for await (const one of list) {
    if (one.createdAt < since || read++ === READ) return;
    yield one;
  }
}

const isFinalSince = ({ finishedAt }: { finishedAt: string | null }, since: string) =>
  finishedAt !== null && finishedAt >= since;
