import { PixdockApiError } from '@pixdock/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Icon } from '../parts/icon.js';
import { ProblemNotice } from '../parts/notice.js';
import { useTask } from '../parts/use-task.js';
import { WithCode } from '../parts/with-code.js';
import { signIn } from '../state/sign-in.js';
import { Illustration } from './illustration.js';
import { isLinkUsed } from './sign-in-by-link.js';

/** What a visitor sees first: what Pixdock does, and the field for the key. */
export function SignIn() {
  const [key, setKey] = useState('');
  const { busy, error, run } = useTask();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <div class="sign-in">
      <section class="pitch">
        <h1 tabIndex={-1}>{t('sign-in.title')}</h1>
        <p class="lead">{t('sign-in.lead')}</p>
        <ul>
          <Point text={t('sign-in.point.batch')} />
          <Point text={t('sign-in.point.receipt')} />
          <Point text={t('sign-in.point.reason')} />
        </ul>
        <Illustration />
      </section>
      <form
        class="panel padded"
        onSubmit={(event) => {
          event.preventDefault();
          run(() => signIn(key.trim()));
        }}
      >
        <div class="field">
          <label for="key">{t('sign-in.key')}</label>
          <input
            id="key"
            ref={field}
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            required
            value={key}
            aria-describedby="key-hint"
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
          />
          <small id="key-hint">
            <WithCode text={t('sign-in.hint')} />
          </small>
        </div>
        {error !== null && <ProblemNotice error={forPeople(error)} />}
        {isLinkUsed.value && error === null && (
          <p class="notice" role="status">
            {t('sign-in.link-used')}
          </p>
        )}
        <button type="submit" class="primary wide-button" disabled={busy || key.trim() === ''}>
          {t(busy ? 'sign-in.busy' : 'sign-in.submit')}
        </button>
        <p class="soft links">
          <a href="docs">{t('nav.docs')}</a>
          <a href="v1/errors">{t('nav.errors')}</a>
        </p>
      </form>
    </div>
  );
}

/** The detail of the API explains an HTTP header; a person at this form needs another sentence. */
const forPeople = (error: unknown) =>
  error instanceof PixdockApiError && error.code === 'unauthorized'
    ? new Error(t('sign-in.unknown-key'))
    : error;

function Point({ text }: { text: string }) {
  return (
    <li>
      <Icon name="check" />
      {text}
    </li>
  );
}
