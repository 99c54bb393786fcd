import type { Batch } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatCount, formatTime } from '../parts/format.js';
import { Icon } from '../parts/icon.js';
import { Empty, Loading, ProblemNotice } from '../parts/notice.js';
import { pause } from '../parts/poll.js';
import { listen, withNewer } from '../state/live.js';
import { addressOf } from '../state/route.js';
import { may } from '../state/session.js';
import { take } from '../state/take.js';
import { useReading } from '../state/use-reading.js';
import { BatchBar } from './bar.js';

const MAX_SHOWN = 100;
/** A search begins after a pause in typing. */
const TYPING_MS = 300;

/** The newest batches of the owner. */
export function BatchList() {
  const [name, setName] = useState('');
  const { batches, error, again } = useBatches(name);
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
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          {t('batches.search')}
          <input
            type="search"
            maxLength={255}
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
      </form>
      {error !== null && <ProblemNotice error={error} retry={again} />}
      {batches === null && error === null && <Loading />}
      {batches?.length === 0 && name !== '' && <Empty icon="batches" title={t('batches.none-named')} />}
      {batches?.length === 0 && name === '' && (
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
                <strong>{batch.name ?? formatTime(batch.createdAt)}</strong>
                {batch.name !== null && <span class="soft">{formatTime(batch.createdAt)}</span>}
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

function useBatches(name: string) {
  const [batches, setBatches] = useState<readonly Batch[] | null>(null);
  const { error, again } = useReading(
    async ({ batches: calls }, signal) => {
      if (name !== '') await pause(TYPING_MS, signal);
      setBatches((await take(calls.list({ name: name || undefined, signal }), MAX_SHOWN)).found);
    },
    [name],
  );
  useEffect(
    () =>
      listen({
        batch: (changed) =>
          setBatches((all) => all && (withNewer(all, changed) ?? (name === '' ? [changed, ...all] : all))),
        gap: again,
      }),
    [name],
  );
  return { batches, error, again };
}
