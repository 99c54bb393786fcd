import type { Batch, Status } from '@pixdock/client';
import { DELETED_STATUSES, OPEN_STATUSES, UNPUBLISHED_STATUSES } from '@pixdock/contract/status';
import { t } from '../messages/say.js';
import { formatCount } from '../parts/format.js';

/** In the order in which an image passes them, the good end first. */
const ORDER: readonly Status[] = [
  'published',
  ...OPEN_STATUSES.toReversed(),
  ...UNPUBLISHED_STATUSES,
  ...DELETED_STATUSES,
];

/** The counts of a batch as one bar; they add up to the total in every version. */
export function BatchBar({ batch, isSmall = false }: { batch: Batch; isSmall?: boolean }) {
  const parts = ORDER.filter((status) => batch.counts[status] > 0);
  const words = parts.map((status) => `${t(`status.${status}`)} ${formatCount(batch.counts[status])}`);
  const label = t('batch.bar', { parts: words.join(', '), total: formatCount(batch.total) });
  return (
    <div class={isSmall ? 'batch-bar small' : 'batch-bar'}>
      <div class="bar" role="img" aria-label={label}>
        {parts.map((status) => (
          <span key={status} class={`segment ${status}`} style={{ flexGrow: batch.counts[status] }} />
        ))}
      </div>
      <ul class="legend" aria-hidden={isSmall}>
        {parts.map((status) => (
          <li key={status} class={`badge ${status}`}>
            {t(`status.${status}`)} <strong>{formatCount(batch.counts[status])}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
