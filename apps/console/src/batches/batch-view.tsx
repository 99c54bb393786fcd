import { type Batch, PixdockApiError } from '@pixdock/client';
import { fileNameOf } from '@pixdock/contract/batch-name';
import { countOf, OPEN_STATUSES } from '@pixdock/contract/status';
import { useState } from 'preact/hooks';
import { mediaTypeOf, type SheetKind } from '../import/kind-of.js';
import { t } from '../messages/say.js';
import { Confirm } from '../parts/confirm.js';
import { formatCount, formatDuration, formatTime } from '../parts/format.js';
import { Icon } from '../parts/icon.js';
import { Loading, ProblemNotice } from '../parts/notice.js';
import { saveFile } from '../parts/save-file.js';
import { useTask } from '../parts/use-task.js';
import { useTitle } from '../parts/use-title.js';
import { language } from '../state/preferences.js';
import { addressOf } from '../state/route.js';
import { currentClient, may } from '../state/session.js';
import { useFollowed } from '../state/use-followed.js';
import { BatchBar } from './bar.js';
import { Failures } from './failures.js';
import { Rename } from './rename.js';

/** The progress of a batch, its failures and what can be done about them. */
export function BatchView({ id }: { id: string }) {
  const { latest: batch, error, again } = useFollowed(id, ({ batches }) => batches);
  const task = useTask();
  if (batch === null) return error === null ? <Loading /> : <ProblemNotice error={error} retry={again} />;
  const retry = (code?: Parameters<typeof retryOf>[1]) => task.run(() => retryOf(id, code).then(again));
  return (
    <article>
      <Heading batch={batch} task={task} again={again} onRetry={() => retry()} />
      {task.error !== null && <ProblemNotice error={task.error} />}
      <section class="panel padded">
        <Progress batch={batch} />
        <BatchBar batch={batch} />
      </section>
      <Failures batch={batch} busy={task.busy} onRetry={retry} />
      <p class="centered">
        <a href={addressOf(`images?batchId=${id}`)}>{t('batch.images')}</a>
      </p>
    </article>
  );
}

const retryOf = (id: string, code: Parameters<ReturnType<typeof currentClient>['batches']['retry']>[1]) =>
  currentClient().batches.retry(id, code);

interface HeadingProps {
  batch: Batch;
  task: ReturnType<typeof useTask>;
  again: () => void;
  onRetry: () => void;
}

function Heading({ batch, task, again, onRetry }: HeadingProps) {
  const { id, total, counts, status } = batch;
  const [asks, setAsks] = useState<'stop' | 'delete' | 'name' | null>(null);
  const time = formatTime(batch.createdAt);
  const title = batch.name ?? t('batch.title', { time });
  useTitle(title);
  const stop = () => task.run(() => currentClient().batches.cancel(id).then(again));
  const remove = () => task.run(() => currentClient().batches.delete(id).then(again));
  const rename = (name: string) => task.run(() => currentClient().batches.rename(id, name).then(again));
  return (
    <header class="heading">
      <div>
        <a class="back" href={addressOf('batches')}>
          <Icon name="back" />
          {t('batch.back')}
        </a>
        <h1 tabIndex={-1}>{title}</h1>
        <p class="heading-facts soft">
          <span>
            {t(`batch.${status}`)} · {t('batches.items', { count: formatCount(total) })}
            {batch.name !== null && ` · ${time}`}
          </span>
          <code>{id}</code>
        </p>
      </div>
      <div class="actions">
        {counts.failed > 0 && (
          <button
            type="button"
            class="primary"
            disabled={task.busy}
            onClick={() => task.run(() => downloadFailed(batch))}
          >
            <Icon name="download" />
            {t('batch.failed-rows')}
          </button>
        )}
        {counts.failed > 0 && may('submit') && (
          <button type="button" disabled={task.busy} onClick={onRetry}>
            <Icon name="retry" />
            {t('batch.retry-all')}
          </button>
        )}
        <button type="button" disabled={task.busy} onClick={() => task.run(() => downloadReport(batch))}>
          <Icon name="download" />
          {t('batch.report')}
        </button>
        {batch.format === 'workbook' && (
          <button type="button" disabled={task.busy} onClick={() => task.run(() => downloadWorkbook(batch))}>
            <Icon name="download" />
            {t('batch.workbook')}
          </button>
        )}
        {batch.deleteRequestedAt === null && may('submit') && (
          <button type="button" disabled={task.busy} onClick={() => setAsks('name')}>
            {t('batch.rename')}
          </button>
        )}
        {status === 'running' && may('submit') && (
          <button type="button" disabled={task.busy} onClick={() => setAsks('stop')}>
            {t('batch.stop')}
          </button>
        )}
        {status !== 'running' && batch.deleteRequestedAt === null && may('delete') && (
          <button type="button" disabled={task.busy} onClick={() => setAsks('delete')}>
            <Icon name="trash" />
            {t('remove')}
          </button>
        )}
      </div>
      {asks === 'name' && <Rename name={batch.name ?? ''} onRename={rename} onClose={() => setAsks(null)} />}
      {asks === 'stop' && (
        <Confirm
          title={t('batch.stop-title')}
          effect={t('batch.stop-effect')}
          action={t('batch.stop')}
          onConfirm={stop}
          onClose={() => setAsks(null)}
        />
      )}
      {asks === 'delete' && (
        <Confirm
          title={t('batch.delete-title')}
          effect={t('batch.delete-effect', { total: formatCount(total) })}
          action={t('remove')}
          onConfirm={remove}
          onClose={() => setAsks(null)}
        />
      )}
    </header>
  );
}

function Progress({ batch }: { batch: Batch }) {
  const { total, counts, held, itemsPerSecond, etaSeconds, status, finishedAt } = batch;
  const done = total - countOf(counts, OPEN_STATUSES);
  return (
    <p class="totals-line" role="status">
      <strong>{t('batch.progress', { done: formatCount(done), total: formatCount(total) })}</strong>
      {status === 'running' && itemsPerSecond !== null && (
        <span class="soft">{t('per-second', { amount: itemsPerSecond.toFixed(1) })}</span>
      )}
      {status === 'running' && etaSeconds !== null && (
        <span class="soft">{t('left', { time: formatDuration(etaSeconds) })}</span>
      )}
      {held > 0 && <span class="soft">{t('batch.held', { count: formatCount(held) })}</span>}
      {finishedAt !== null && (
        <span class="soft">{t('batch.finished-at', { time: formatTime(finishedAt) })}</span>
      )}
    </p>
  );
}

/** Saves the report of a batch: the file that was imported, with the result of each row. */
async function downloadReport(batch: Batch): Promise<void> {
  const report = await currentClient().batches.report(batch.id, 'csv', { language: language.value });
  return save(report, 'csv', fileNameOf(batch, 'report.csv'));
}

/** Saves the rows that failed, with the reasons: corrected, the file can be imported. */
async function downloadFailed(batch: Batch): Promise<void> {
  const { batches } = currentClient();
  const options = { language: language.value };
  if (batch.format === 'workbook') {
    // With the pictures of the rows. It is gone a day after the end.
    const workbook = await batches.report(batch.id, 'xlsx', { ...options, status: 'failed' }).catch(orGone);
    if (workbook !== null) return save(workbook, 'workbook', fileNameOf(batch, 'failed.xlsx'));
  }
  return save(await batches.failedRows(batch.id, options), 'csv', fileNameOf(batch, 'failed.csv'));
}

function orGone(error: unknown): null {
  if (error instanceof PixdockApiError && error.code === 'not_found') return null;
  throw error;
}

/** Saves the workbook that was imported, with the result of each row. */
async function downloadWorkbook(batch: Batch): Promise<void> {
  const workbook = await currentClient().batches.report(batch.id, 'xlsx', { language: language.value });
  return save(workbook, 'workbook', fileNameOf(batch, 'report.xlsx'));
}

async function save(content: ReadableStream<Uint8Array>, kind: SheetKind, name: string): Promise<void> {
  const response = new Response(content, { headers: { 'Content-Type': mediaTypeOf(kind) } });
  saveFile(name, await response.blob());
}
