import type { Batch } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatCount, formatTime } from '../parts/format.js';
import { Icon } from '../parts/icon.js';
import { Empty, Loading, ProblemNotice } from '../parts/notice.js';
import { listen } from '../state/live.js';
import { addressOf } from '../state/route.js';
import { client, may } from '../state/session.js';
import { BatchBar } from './bar.js';

const MAX_SHOWN = 100;

/** The newest batches of the owner. */
export function BatchList() {
  const { batches, error, reload } = useBatches();
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
      {error !== null && <ProblemNotice error={error} retry={reload} />}
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
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const current = client.value;
  const reload = () => setRound((last) => last + 1);
  useEffect(() => {
    if (current === null) return;
    const ending = new AbortController();
    const read = async () => {
      const found: Batch[] = [];
      for await (const batch of current.batches.list({ signal: ending.signal }))
        if (found.push(batch) >= MAX_SHOWN) break;
      setBatches(found);
      setError(null);
    };
    read().catch((fault: unknown) => !ending.signal.aborted && setError(fault));
    return () => ending.abort();
  }, [current, round]);
  useEffect(
    () => listen({ batch: (changed) => setBatches((all) => withChange(all, changed)), gap: reload }),
    [],
  );
  return { batches, error, reload };
}

function withChange(batches: readonly Batch[] | null, changed: Batch): readonly Batch[] | null {
  if (batches === null) return null;
  if (!batches.some(({ id }) => id === changed.id)) return [changed, ...batches];
  return batches.map((batch) =>
    batch.id === changed.id && batch.version < changed.version ? changed : batch,
  );
}
