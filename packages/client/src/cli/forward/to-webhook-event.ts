import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { isBeingDeleted, isDeletedStatus, isOpenStatus } from '@pixdock/contract/status';
import { EVENT_OF_STATUS, type WebhookEvent } from '@pixdock/contract/webhook';
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
  /** The URLs of images that are being deleted. */
  const urlsOf = new Map<string, string[]>();

  function isNew(id: string, end: string): boolean {
    if (ends.get(id) === end) return false;
    remember(ends, id, end);
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
    if (isOpenStatus(status) || finishedAt === null || (batchId !== null && !items)) return null;
    const type = EVENT_OF_STATUS[status];
    // Its deletion sends a separate event.
    if (isBeingDeleted(image)) rememberUrls(image);
    // A newer API may have other statuses.
    if (!type || isBeingDeleted(image) || !isNew(id, `${status} ${run}`)) return null;
    const code = status === 'failed' ? (error?.code ?? null) : null;
    const urls = isDeletedStatus(status) ? (urlsOf.get(id) ?? []) : [];
    const data = { id, version, status, externalId, batchId, name: null, url, urls, code };
    return { type, timestamp: finishedAt, data };
  }

  /** A deleted image lists no URLs. An item that reused an image does not delete it. */
  function rememberUrls({ id, reusedId, variants }: Image): void {
    if (reusedId === null)
      remember(
        urlsOf,
        id,
        Object.values(variants).map(({ url }) => url),
      );
  }

  function ofBatch({ id, version, status, name, finishedAt }: Batch): WebhookEvent | null {
    if (status === 'running' || finishedAt === null || !isNew(id, finishedAt)) return null;
    const ofImages = { externalId: null, batchId: null, url: null, urls: [], code: null };
    const data = { id, version, status, name, ...ofImages };
    return { type: 'batch.finished', timestamp: finishedAt, data };
  }
}

function remember<T>(map: Map<string, T>, id: string, value: T): void {
  map.delete(id);
  map.set(id, value);
  const [oldest] = map.keys();
  if (map.size > REMEMBERED && oldest !== undefined) map.delete(oldest);
}
