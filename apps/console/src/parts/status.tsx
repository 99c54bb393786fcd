import type { Image } from '@pixdock/client';
import { t } from '../messages/say.js';

/** The status of an image as a word with a colored dot. */
export function StatusBadge({ image: { status, review } }: { image: Image }) {
  const isHeld = status === 'processing' && review?.decision === 'hold';
  return <span class={`badge ${status}`}>{t(isHeld ? 'status.held' : `status.${status}`)}</span>;
}
