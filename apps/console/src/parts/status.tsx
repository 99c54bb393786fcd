import type { Status } from '@pixdock/client';
import { t } from '../messages/say.js';

/** The status of an image as a word with a colored dot. */
export function StatusBadge({ status }: { status: Status }) {
  return <span class={`badge ${status}`}>{t(`status.${status}`)}</span>;
}
