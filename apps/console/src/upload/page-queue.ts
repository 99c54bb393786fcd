import { effect, signal } from '@preact/signals';
import { poll } from '../parts/poll.js';
import { listen } from '../state/live.js';
import { apiKey, currentClient, may } from '../state/session.js';
import { openUploadQueue } from './queue.js';
import { pageServer } from './server.js';
import { sampleTotals } from './totals.js';

/** The uploads of this tab; they continue while another view is open. */
export const queue = openUploadQueue(pageServer);
const sampling = sampleTotals(() => queue.uploads.peek());
export const { totals } = sampling;

/** The profile of the next files. */
export const chosenProfile = signal('default');
/** A sheet that was dropped on the upload view, for the import. */
export const droppedSheet = signal<File | null>(null);

/** The files behind the images of this tab, for "before and after". */
export function fileOf(imageId: string): File | null {
  return queue.uploads.value.find(({ image }) => image.value?.id === imageId)?.file ?? null;
}

const REFRESH_MS = 5000;
const REFRESHED_AT_ONCE = 5;

/** Keeps the uploads up to date: by events, and by reads in case an event is missing. */
export function keepUploadsFresh(): void {
  listen({ image: (image) => queue.update(image), gap: () => void refresh() });
  void poll(refresh, REFRESH_MS, new AbortController().signal);
  effect(() => {
    if (apiKey.value === null) queue.cancelAll();
  });
  addEventListener('beforeunload', (event) => {
    const { files, arrived } = totals.value;
    if (arrived < files) event.preventDefault();
  });
  addEventListener('pagehide', ({ persisted }) => {
    // A page that the browser keeps may return.
    if (!persisted) queue.discardAll();
  });
}

async function refresh(): Promise<void> {
  if (!may('read')) return;
  const pending = queue.uploads.value.filter(({ state }) => state.value === 'accepted');
  for (const { image } of pending.slice(0, REFRESHED_AT_ONCE))
    try {
      if (image.value !== null) queue.update(await currentClient().images.get(image.value.id));
    } catch {
      // The next refresh comes soon.
      return;
    }
}
