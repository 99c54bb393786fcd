import type { Image } from '@pixdock/client';
import { isRejected } from '@pixdock/contract/error-table';
import { isOrWillBeDeleted } from '@pixdock/contract/status';
import { useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Confirm } from '../parts/confirm.js';
import { CopyButton } from '../parts/copy-button.js';
import { formatCount } from '../parts/format.js';
import { Icon } from '../parts/icon.js';
import { ProblemNotice } from '../parts/notice.js';
import { saveFile } from '../parts/save-file.js';
import { useTask } from '../parts/use-task.js';
import { currentClient, may } from '../state/session.js';
import { csvOf } from './csv-of.js';
import type { Selection } from './use-selection.js';

/** Requests at the same time. */
const AT_ONCE = 4;

/** What can be done with the chosen images. */
export function SelectionBar({ selection, shown }: { selection: Selection; shown: number }) {
  const { images } = selection;
  const task = useTask();
  const [done, setDone] = useState(0);
  const [asks, setAsks] = useState(false);
  const urls = images.flatMap(({ url }) => (url === null ? [] : [url]));
  const retryable = images.filter((image) => image.status === 'failed' && !isRejected(image));
  const deletable = images.filter((image) => !isOrWillBeDeleted(image));
  const forEach = (chosen: readonly Image[], action: (id: string) => Promise<unknown>) => {
    setDone(0);
    task.run(() => runForEach(chosen, ({ id }) => action(id).then(() => setDone((before) => before + 1))));
  };
  const save = () => saveFile('images.csv', new Blob([csvOf(images)], { type: 'text/csv' }));
  return (
    <section aria-label={t('gallery.selection')}>
      {task.error !== null && <ProblemNotice error={task.error} />}
      <div class="actions">
        <strong role="status">
          {task.busy
            ? t('gallery.working', { done: formatCount(done) })
            : t('gallery.selected', { count: formatCount(images.length) })}
        </strong>
        {urls.length > 0 && (
          <CopyButton text={urls.join('\n')} name={t('gallery.copy-urls')} label={t('gallery.copy-urls')} />
        )}
        <button type="button" class="small" onClick={save}>
          <Icon name="download" />
          {t('gallery.csv')}
        </button>
        {retryable.length > 0 && may('submit') && (
          <button
            type="button"
            class="small"
            disabled={task.busy}
            onClick={() => forEach(retryable, (id) => currentClient().images.retry(id))}
          >
            <Icon name="retry" />
            {t('retry')}
            {retryable.length < images.length && ` (${formatCount(retryable.length)})`}
          </button>
        )}
        {deletable.length > 0 && may('delete') && (
          <button type="button" class="small" disabled={task.busy} onClick={() => setAsks(true)}>
            <Icon name="trash" />
            {t('remove')}
          </button>
        )}
        <button type="button" class="small quiet" disabled={images.length === shown} onClick={selection.all}>
          {t('gallery.select-all', { count: formatCount(shown) })}
        </button>
        <button
          type="button"
          class="small icon-only quiet push"
          aria-label={t('gallery.deselect')}
          title={t('gallery.deselect')}
          onClick={selection.clear}
        >
          <Icon name="close" />
        </button>
      </div>
      {asks && (
        <Confirm
          title={t('gallery.delete-title', { count: formatCount(deletable.length) })}
          effect={t('gallery.delete-effect')}
          action={t('remove')}
          onConfirm={() => forEach(deletable, (id) => currentClient().images.delete(id))}
          onClose={() => setAsks(false)}
        />
      )}
    </section>
  );
}

/** Runs an action for all images, also after an error. @throws the first error */
async function runForEach(
  images: readonly Image[],
  action: (image: Image) => Promise<unknown>,
): Promise<void> {
  const waiting = images.values();
  const faults: unknown[] = [];
  const lane = async () => {
    for (const image of waiting) await action(image).catch((fault: unknown) => faults.push(fault));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  if (faults.length > 0) throw faults[0];
}
