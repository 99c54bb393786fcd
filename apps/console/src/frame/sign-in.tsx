import { PixdockApiError } from '@pixdock/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Icon } from '../parts/icon.js';
import { ProblemNotice } from '../parts/notice.js';
import { useTask } from '../parts/use-task.js';
import { WithCode } from '../parts/with-code.js';
import { isLinkUsed, signIn } from '../state/sign-in.js';

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

/** A tilted photo with its location becomes an upright one with a link. */
function Illustration() {
  return (
    <svg class="illustration" viewBox="0 0 420 150" aria-hidden="true" focusable="false">
      <g transform="rotate(-11 80 78)">
        <Photo x={24} y={36} />
        <g class="pin">
          <path d="M118 26c-8 0-13 6-13 13 0 9 13 21 13 21s13-12 13-21c0-7-5-13-13-13z" />
          <circle cx="118" cy="39" r="4.5" />
        </g>
      </g>
      <path class="way" d="M158 78h66m0 0-9-8m9 8-9 8" />
      <Photo x={246} y={20} />
      <circle class="done" cx="358" cy="24" r="13" />
      <path class="tick" d="m352 24 4.5 4.5 8-9" />
      <rect class="link-box" x="202" y="118" width="200" height="26" rx="13" />
      <text class="link-text" x="302" y="135" text-anchor="middle">
        img.shop.cn/5f/main.jpg
      </text>
    </svg>
  );
}

function Photo({ x, y }: { x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect class="frame" width="112" height="84" rx="8" />
      <rect class="sky" x="7" y="7" width="98" height="70" rx="4" />
      <circle class="sun" cx="80" cy="27" r="8" />
      <path
        class="far"
        d="M7 60c14-16 24-20 34-10s18 10 30-4 22-12 34-2v29a4 4 0 0 1-4 4H11a4 4 0 0 1-4-4z"
      />
      <path class="near" d="M7 66c16-8 28-8 44 0s34 8 54-2v9a4 4 0 0 1-4 4H11a4 4 0 0 1-4-4z" />
    </g>
  );
}
