import type { Batch, ErrorCode, Image } from '@pixdock/client';
import { mayRetry } from '@pixdock/contract/error-table';
import { useState } from 'preact/hooks';
import { fixOf } from '../images/error-words.js';
import { t } from '../messages/say.js';
import { formatCount } from '../parts/format.js';
import { Icon } from '../parts/icon.js';
import { pause } from '../parts/poll.js';
import { TableBox } from '../parts/table-box.js';
import { WithCode } from '../parts/with-code.js';
import { addressOf } from '../state/route.js';
import { may } from '../state/session.js';
import { take } from '../state/take.js';
import { useReading } from '../state/use-reading.js';
import { type FailureGroup, groupFailures } from './group-failures.js';

/** A person looks at no more; a retry and the report have all of them. */
const MAX_READ = 1000;
const MAX_HOSTS = 5;
const COUNTS_MS = 300;

interface Props {
  batch: Batch;
  busy: boolean;
  onRetry: (filter: { code: ErrorCode }) => void;
}

/** The failed images of a batch by code, with the reason of each row. */
export function Failures({ batch, busy, onRetry }: Props) {
  const images = useFailed(batch);
  if (batch.counts.failed === 0)
    return batch.status === 'running' || batch.deleteRequestedAt !== null ? null : (
      <p class="good-text centered">
        <Icon name="check" /> {t('batch.no-failures')}
      </p>
    );
  const groups = groupFailures(images);
  return (
    <section>
      <h2>
        {images.length < batch.counts.failed && images.length > 0
          ? t('batch.failures-first', { count: formatCount(images.length) })
          : t('batch.failures')}
      </h2>
      {groups.map((group) => (
        <Group key={group.code} group={group} busy={busy} onRetry={onRetry} />
      ))}
    </section>
  );
}

function Group({ group, busy, onRetry }: { group: FailureGroup } & Pick<Props, 'busy' | 'onRetry'>) {
  const { code, title, images, hosts } = group;
  const count = formatCount(images.length);
  return (
    <section class="panel padded failure-group">
      <header class="heading">
        <div>
          <h3>
            {title} <span class="count">{count}</span>
          </h3>
          <p>
            <WithCode text={code === 'invalid_row' ? t('batch.fix-rows') : fixOf(code)} />
          </p>
          <p class="soft">
            <a href={`v1/errors/${code}`} target="_blank" rel="noreferrer">
              <code>{code}</code>
            </a>
            {hosts.length > 0 && ` · ${t('batch.hosts')} `}
            {hosts
              .slice(0, MAX_HOSTS)
              .map(({ host, count: times }) => `${host} (${formatCount(times)})`)
              .join(', ')}
          </p>
        </div>
        {mayRetry(code) && may('submit') && (
          <button type="button" disabled={busy} onClick={() => onRetry({ code })}>
            <Icon name="retry" />
            {t('batch.retry-code', { count })}
          </button>
        )}
      </header>
      <details open={images.length <= 5}>
        <summary>{t('batch.show-rows', { count })}</summary>
        <FailedRows images={images} />
      </details>
    </section>
  );
}

function FailedRows({ images }: { images: readonly Image[] }) {
  return (
    <TableBox
      label={t('batch.rows')}
      heads={[t('batch.row'), t('import.field.externalId'), t('batch.source'), t('batch.reason')]}
      kind="failed-rows"
    >
      {images.map((image) => (
        <tr key={image.id}>
          <td>{image.row}</td>
          <td>
            <a href={addressOf(`images/${image.id}`)}>{image.externalId ?? '–'}</a>
          </td>
          <td class="source">{image.source.url ?? image.source.filename ?? ''}</td>
          <td>
            <WithCode text={image.error?.detail ?? ''} />
          </td>
        </tr>
      ))}
    </TableBox>
  );
}

/** The failed images, read again when their number changes. */
function useFailed({ id, counts }: Batch): readonly Image[] {
  const [images, setImages] = useState<readonly Image[]>([]);
  useReading(
    async ({ batches }, signal) => {
      // While a batch runs, its counts change several times per second.
      await pause(COUNTS_MS, signal);
      setImages((await take(batches.items(id, { status: 'failed', signal }), MAX_READ)).found);
    },
    [id, counts.failed],
  );
  return images;
}
