import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatDuration, formatSize } from '../parts/format.js';
import { Icon } from '../parts/icon.js';
import { queue, totals } from './page-queue.js';
import { canRetry } from './upload.js';

interface Props {
  /** Whether the list below shows only uploads with a problem. */
  onlyProblems: boolean;
  onFilter: (onlyProblems: boolean) => void;
}

/** Progress, rate and remaining time of all uploads, with the actions for all of them. */
export function TotalsBar({ onlyProblems, onFilter }: Props) {
  const { files, finished, known, problems, retryable, arrived } = totals.value;
  const { sentBytes, totalBytes, bytesPerSecond, secondsLeft } = totals.value;
  const isSending = arrived < files;
  const isPaused = queue.isPaused.value;
  const share = totalBytes === 0 ? 0 : (sentBytes / totalBytes) * 100;
  const retryAll = () => {
    for (const upload of queue.uploads.value) if (canRetry(upload)) queue.retry(upload);
  };
  return (
    <div class="totals">
      <div class="totals-line">
        <strong>{t('upload.total', { done: finished, total: files })}</strong>
        <span class="soft">
          {t('upload.bytes', { sent: formatSize(sentBytes), total: formatSize(totalBytes) })}
        </span>
        {bytesPerSecond !== null && (
          <span class="soft">{t('per-second', { amount: formatSize(Math.round(bytesPerSecond)) })}</span>
        )}
        {secondsLeft !== null && (
          <span class="soft">{t('left', { time: formatDuration(Math.ceil(secondsLeft)) })}</span>
        )}
        {known > 0 && <span class="soft">{t('upload.known-files', { count: known })}</span>}
        {problems > 0 && <span class="bad-text">{t('upload.failures', { count: problems })}</span>}
      </div>
      <progress max={100} value={share} aria-label={t('upload.total', { done: finished, total: files })} />
      <div class="actions">
        {isSending && (
          <button
            type="button"
            class="small"
            onClick={() => (isPaused ? queue.resumeAll() : queue.pauseAll())}
          >
            <Icon name={isPaused ? 'resume' : 'pause'} />
            {t(isPaused ? 'upload.resume-all' : 'upload.pause-all')}
          </button>
        )}
        {isSending && (
          <button type="button" class="small" onClick={() => queue.cancelAll()}>
            {t('upload.cancel-all')}
          </button>
        )}
        {problems > 0 && (
          <button type="button" class="small" onClick={() => onFilter(!onlyProblems)}>
            {t(onlyProblems ? 'upload.show-all' : 'upload.show-problems')}
          </button>
        )}
        {retryable > 0 && (
          <button type="button" class="small" onClick={retryAll}>
            <Icon name="retry" />
            {t('upload.retry-all')}
          </button>
        )}
        {finished > 0 && (
          <button type="button" class="small" onClick={() => queue.clearFinished()}>
            {t('upload.clear')}
          </button>
        )}
      </div>
      <Announcement />
    </div>
  );
}

/** Tells screen readers that everything is done, once. */
function Announcement() {
  const { files, finished, published, known, problems } = totals.value;
  const isDone = files > 0 && finished === files;
  const announced = useRef(isDone ? files : 0);
  const [text, setText] = useState('');
  useEffect(() => {
    if (isDone && files > announced.current) setText(t('upload.announce', { published, known, problems }));
    announced.current = isDone ? files : 0;
  }, [isDone, files]);
  return (
    <p class="only-spoken" role="status">
      {text}
    </p>
  );
}
