import { PixdockApiError } from '@pixdock/client';
import { t } from '../messages/say.js';
import { CopyButton } from '../parts/copy-button.js';
import { formatSize } from '../parts/format.js';
import { Icon, type IconName } from '../parts/icon.js';
import { Reason } from '../parts/reason.js';
import { Thumb } from '../parts/thumb.js';
import { addressOf } from '../state/route.js';
import { may } from '../state/session.js';
import { queue } from './page-queue.js';
import { canRetry, canStop, type Upload } from './upload.js';

/** One file: what it is, how far it is, and what can be done. */
export function UploadRow({ upload }: { upload: Upload }) {
  const { file, name, state, sentBytes } = upload;
  const image = upload.image.value;
  const percent = file.size === 0 ? 0 : Math.floor((sentBytes.value / file.size) * 100);
  return (
    <div class={`upload-row ${state.value}`}>
      {image === null ? <span class="thumb none" /> : <Thumb image={image} />}
      <div class="upload-main">
        <span class="upload-name" title={name}>
          {name}
        </span>
        <span class="upload-state">
          <span class="soft nowrap">{formatSize(file.size)}</span>{' '}
          <StateText upload={upload} percent={percent} />
        </span>
        {state.value === 'sending' && <progress max={100} value={percent} aria-label={name} />}
      </div>
      <div class="upload-actions">
        <RowActions upload={upload} />
      </div>
    </div>
  );
}

function StateText({ upload, percent }: { upload: Upload; percent: number }) {
  const state = upload.state.value;
  const image = upload.image.value;
  const error = upload.error.value;
  if (state === 'refused' || state === 'failed')
    return <Reason {...((state === 'failed' ? image?.error : null) ?? reasonOf(error))} />;
  if (error instanceof PixdockApiError && canStop(upload))
    return <span class="warn-text">{t(error.status === 0 ? 'upload.offline' : 'upload.busy')}</span>;
  if (state === 'sending') return <span>{t('upload.sending', { percent })}</span>;
  if (state === 'accepted' && image?.status === 'processing') return <span>{t('upload.processing')}</span>;
  return <span class={state === 'published' ? 'good-text' : ''}>{t(`upload.${state}`)}</span>;
}

const reasonOf = (error: Error | null): { title?: string; detail: string } =>
  error instanceof PixdockApiError ? error : { detail: t('upload.unreadable') };

function RowActions({ upload }: { upload: Upload }) {
  const { name, state } = upload;
  const image = upload.image.value;
  const isHeld = state.value === 'paused';
  return (
    <>
      {(state.value === 'published' || state.value === 'known') && image !== null && image.url !== null && (
        <CopyButton text={image.url} name="URL" label={`${t('copy')} URL: ${name}`} />
      )}
      {state.value === 'known' && (
        <button type="button" class="small" onClick={() => queue.sendAnyway(upload)}>
          {t('upload.send-anyway')}
        </button>
      )}
      {image !== null && may('read') && (
        <a class="button small" href={addressOf(`images/${image.id}`)}>
          {t('upload.open')}
        </a>
      )}
      {canRetry(upload) && (
        <IconButton
          icon="retry"
          label={t('upload.retry-one', { name })}
          onClick={() => queue.retry(upload)}
        />
      )}
      {isHeld && (
        <IconButton
          icon="resume"
          label={t('upload.resume-one', { name })}
          onClick={() => queue.resume(upload)}
        />
      )}
      {canStop(upload) && !isHeld && (
        <IconButton
          icon="pause"
          label={t('upload.pause-one', { name })}
          onClick={() => queue.pause(upload)}
        />
      )}
      {canStop(upload) && (
        <IconButton
          icon="close"
          label={t('upload.cancel-one', { name })}
          onClick={() => queue.cancel(upload)}
        />
      )}
    </>
  );
}

function IconButton({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <button type="button" class="small icon-only" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
