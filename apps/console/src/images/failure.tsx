import type { Image } from '@pixdock/client';
import { isRejected, mayRetry } from '@pixdock/contract/error-table';
import { t } from '../messages/say.js';
import { Icon } from '../parts/icon.js';
import { WithCode } from '../parts/with-code.js';
import { fixOf } from './error-words.js';

function adviceOn({ code, retryable }: NonNullable<Image['error']>) {
  if (retryable) return 'image.retryable';
  return mayRetry(code) ? 'image.repairable' : 'image.not-retryable';
}

/** Why an image failed, and what to do about it. */
export function Failure({ image }: { image: Image }) {
  const { error, lastError } = image;
  const problem = error ?? lastError;
  if (problem === null) return null;
  const fix = fixOf(problem.code);
  return (
    <section class="panel padded failure">
      <h2>
        <Icon name="alert" />
        {t(error === null ? 'image.last-error' : 'image.failed')}
      </h2>
      <p>
        <strong>{problem.title}</strong>
      </p>
      {(error === null || fix !== problem.detail) && (
        <p>
          <WithCode text={problem.detail} />
        </p>
      )}
      {error !== null && (
        <>
          <h3>{t('image.fix')}</h3>
          <p>
            <WithCode text={fix} />
          </p>
          {!isRejected(image) && <p>{t(adviceOn(error))}</p>}
        </>
      )}
      <p class="soft">
        <a href={`v1/errors/${problem.code}`} target="_blank" rel="noreferrer">
          <code>{problem.code}</code>
        </a>
      </p>
    </section>
  );
}
