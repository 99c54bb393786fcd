import type { Image } from '@pixdock/client';
import { isRejected, mayRetry } from '@pixdock/contract/error-table';
import { isBeingDeleted, isOrWillBeDeleted, isUnpublishedStatus } from '@pixdock/contract/status';
import { useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Confirm } from '../parts/confirm.js';
import { formatTime } from '../parts/format.js';
import { Icon } from '../parts/icon.js';
import { Loading, ProblemNotice } from '../parts/notice.js';
import { StatusBadge } from '../parts/status.js';
import { useTask } from '../parts/use-task.js';
import { useTitle } from '../parts/use-title.js';
import { addressOf } from '../state/route.js';
import { currentClient, may } from '../state/session.js';
import { useFollowed } from '../state/use-followed.js';
import { Details } from './details.js';
import { Failure } from './failure.js';
import { Links } from './links.js';
import { nameOf } from './name-of.js';
import { Picture } from './picture.js';
import { receiptWords } from './receipt-words.js';
import { Timeline } from './timeline.js';

/** Everything about one image. */
export function ImageView({ id }: { id: string }) {
  const { latest: image, error, again } = useFollowed(id, ({ images }) => images);
  const task = useTask();
  if (image === null) return error === null ? <Loading /> : <ProblemNotice error={error} retry={again} />;
  const retry = () => task.run(() => currentClient().images.retry(id).then(again));
  const remove = () => task.run(() => currentClient().images.delete(id).then(again));
  const keep = () => task.run(() => currentClient().images.keep(id).then(again));
  return (
    <article class="image-view">
      <Heading image={image} busy={task.busy} onRetry={retry} onKeep={keep} onRemove={remove} />
      {task.error !== null && <ProblemNotice error={task.error} />}
      <div class="columns">
        <div>
          {(image.error ?? image.lastError) !== null && <Failure image={image} />}
          <Picture image={image} />
        </div>
        <div>
          {image.receipt !== null && image.status === 'published' && <Receipt image={image} />}
          <Timeline image={image} />
        </div>
      </div>
      {image.status === 'published' && <Links image={image} />}
      <Details image={image} />
    </article>
  );
}

interface HeadingProps {
  image: Image;
  busy: boolean;
  onRetry: () => void;
  onKeep: () => void;
  onRemove: () => void;
}

function Heading({ image, busy, onRetry, onKeep, onRemove }: HeadingProps) {
  const [asks, setAsks] = useState(false);
  useTitle(nameOf(image));
  const variants = Object.keys(image.variants).length;
  const isDeleting = isBeingDeleted(image);
  const isExpiring = image.deleteAt !== null && !isDeleting;
  return (
    <header class="heading">
      <div>
        <a class="back" href={addressOf('images')}>
          <Icon name="back" />
          {t('image.back')}
        </a>
        <h1 tabIndex={-1}>{nameOf(image)}</h1>
        <p class="heading-facts">
          <StatusBadge image={image} />
          {isDeleting && <span class="warn-text">{t('image.deleting')}</span>}
          {isExpiring && image.deleteAt !== null && (
            <span class="warn-text">{t('image.delete-at', { time: formatTime(image.deleteAt) })}</span>
          )}
          {image.batchId !== null && (
            <a href={addressOf(`batches/${image.batchId}`)}>
              {t('image.of-batch')}
              {image.row !== null && `, ${t('image.row', { row: image.row })}`}
            </a>
          )}
        </p>
      </div>
      <div class="actions">
        {image.status === 'failed' && !isRejected(image) && may('submit') && (
          <button
            type="button"
            class={image.error !== null && mayRetry(image.error.code) ? 'primary' : ''}
            disabled={busy}
            onClick={onRetry}
          >
            <Icon name="retry" />
            {t('retry')}
          </button>
        )}
        {isExpiring && may('submit') && (
          <button type="button" class="primary" disabled={busy} onClick={onKeep}>
            <Icon name="check" />
            {t('keep')}
          </button>
        )}
        {!isOrWillBeDeleted(image) && may('delete') && (
          <button type="button" disabled={busy} onClick={() => setAsks(true)}>
            <Icon name="trash" />
            {t('remove')}
          </button>
        )}
      </div>
      {asks && (
        <Confirm
          title={t('image.delete-title')}
          effect={deletionEffect(image.status, variants)}
          action={t('remove')}
          onConfirm={onRemove}
          onClose={() => setAsks(false)}
        />
      )}
    </header>
  );
}

function deletionEffect(status: Image['status'], variants: number): string {
  if (variants > 0) return t('image.delete-effect', { variants });
  return t(isUnpublishedStatus(status) ? 'image.delete-unpublished' : 'image.delete-pending');
}

function Receipt({ image }: { image: Image }) {
  const words = receiptWords(image);
  return (
    <section class="panel padded">
      <h2>{t('image.changes')}</h2>
      <ul class="receipt">
        {(words.length > 0 ? words : [t('image.unchanged')]).map((sentence) => (
          <li key={sentence}>
            <Icon name="check" />
            {sentence}
          </li>
        ))}
      </ul>
    </section>
  );
}
