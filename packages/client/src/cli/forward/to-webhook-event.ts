import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { isBeingDeleted } from '@pixdock/contract/status';
import type { WebhookEvent } from '@pixdock/contract/webhook';
import type { OwnerEvent } from '../../pixdock.js';

/** Images and batches whose last event is remembered. */
const REMEMBERED = 10_000;

/**
 * Converts snapshots to the events that a webhook endpoint gets, each once.
 * @param items whether the items of batches have events, too
 */
export function openWebhookEvents(items: boolean) {
  /** The end of each image or batch that has had its event. */
  const ends = new Map<string, string>();

  function isNew(id: string, end: string): boolean {
    if (ends.get(id) === end) return false;
    ends.delete(id);
    ends.set(id, end);
    const [oldest] = ends.keys();
    if (ends.size > REMEMBERED && oldest !== undefined) ends.delete(oldest);
    return true;
  }

  return {
    /** Null if an endpoint gets no event for this snapshot. */
    of(event: OwnerEvent): WebhookEvent | null {
      if (event.type === 'image') return ofImage(event.data);
      return event.type === 'batch' ? ofBatch(event.data) : null;
    },
  };

  function ofImage(image: Image): WebhookEvent | null {
    const { id, version, run, status, externalId, batchId, url, error, finishedAt } = image;
    if (finishedAt === null || (batchId !== null && !items)) return null;
    const type = IMAGE_EVENTS[status];
    // Its deletion sends a separate event.
    if (type === undefined || isBeingDeleted(image) || !isNew(id, `${status} ${run}`)) return null;
    const code = status === 'failed' ? (error?.code ?? null) : null;
    const data = { id, version, status, externalId, batchId, name: null, url, code };
    return { type, timestamp: finishedAt, data };
  }

  function ofBatch({ id, version, status, name, finishedAt }: Batch): WebhookEvent | null {
    if (status === 'running' || finishedAt === null || !isNew(id, finishedAt)) return null;
    const data = { id, version, status, externalId: null, batchId: null, name, url: null, code: null };
    return { type: 'batch.finished', timestamp: finishedAt, data };
  }
}

const IMAGE_EVENTS: Partial<Record<Image['status'], WebhookEvent['type']>> = {
  published: 'image.published',
  failed: 'image.failed',
  deleted: 'image.deleted',
};
