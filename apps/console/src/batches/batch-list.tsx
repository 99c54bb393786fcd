import type { Batch } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatCount, formatTime } from '../parts/format.js';
import { Icon } from '../parts/icon.js';
import { Empty, Loading, ProblemNotice } from '../parts/notice.js';
import { listen, withNewer } from '../state/live.js';
import { addressOf } from '../state/route.js';
import { may } from '../state/session.js';
import { take } from '../state/take.js';
import { useReading } from '../state/use-reading.js';
import { BatchBar } from './bar.js';

const MAX_SHOWN = 100;

/** The newest batches of the owner. */
export function BatchList() {
  const { batches, error, again } = useBatches();
  return (
    <div>
      <header class="heading">
        <h1 tabIndex={-1}>{t('batches.title')}</h1>
        {may('submit') && (
          <a class="button primary" href={addressOf('import')}>
            <Icon name="plus" />
            {t('batches.new')}
          </a>
        )}
      </header>
      {error !== null && <ProblemNotice error={error} retry={again} />}
      {batches === null && error === null && <Loading />}
      {batches?.length === 0 && (
        <Empty icon="batches" title={t('batches.empty')} hint={t('batches.empty-hint')}>
          {may('submit') && (
            <a class="button primary" href={addressOf('import')}>
              {t('batches.new')}
            </a>
          )}
        </Empty>
      )}
      <ul class="batch-list">
        {batches?.map((batch) => (
          <li key={batch.id}>
            <a class="panel padded batch-card" href={addressOf(`batches/${batch.id}`)}>
              <span class="batch-card-head">
                <strong>{formatTime(batch.createdAt)}</strong>
                <span class="soft">{t('batches.items', { count: formatCount(batch.total) })}</span>
                <span class="soft push">{t(`batch.${batch.status}`)}</span>
              </span>
              <BatchBar batch={batch} isSmall />
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function useBatches() {
  const [batches, setBatches] = useState<readonly Batch[] | null>(null);
  const { error, again } = useReading(async ({ batches: calls }, signal) => {
    setBatches((await take(calls.list({ signal }), MAX_SHOWN)).found);
  }, []);
  useEffect(
    () =>
      listen({
        batch: (changed) => setBatches((all) => all && (withNewer(all, changed) ?? [changed, ...all])),
        gap: again,
      }),
    [],
  );
  return { batches, error, again };
}
