import { PixdockApiError } from '@pixdock/client';
import type { ComponentChildren } from 'preact';
import { t } from '../messages/say.js';
import { Icon, type IconName } from './icon.js';
import { WithCode } from './with-code.js';

/** What went wrong, with a way to try again. */
export function ProblemNotice({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{t('any-problem')}</strong>
        <p>
          <WithCode text={sentenceOf(error)} />
        </p>
      </div>
      {retry !== undefined && (
        <button type="button" class="small" onClick={retry}>
          {t('reload')}
        </button>
      )}
    </div>
  );
}

const sentenceOf = (error: unknown): string =>
  error instanceof PixdockApiError ? error.detail : error instanceof Error ? error.message : String(error);

/** A notice for a view without content. */
export function Empty({
  icon,
  title,
  hint,
  children,
}: {
  icon: IconName;
  title: string;
  hint?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {hint !== undefined && <p>{hint}</p>}
      {children}
    </div>
  );
}

export function Loading() {
  return (
    <p class="loading" role="status">
      {t('loading')}
    </p>
  );
}
