import { t } from '../messages/say.js';
import { formatSize } from '../parts/format.js';
import { ProblemNotice } from '../parts/notice.js';
import { Status } from '../parts/status-line.js';
import { type Check, MAX_CHECKED_BYTES } from './use-check.js';

/** What the check of the whole file has found: how many images are valid, and what looks wrong. */
export function Verdict({ check }: { check: Check }) {
  if (check.state === 'failed') return <ProblemNotice error={check.error} />;
  if (check.state === 'too-large')
    return <Status kind="soft">{t('import.too-large', { size: formatSize(MAX_CHECKED_BYTES) })}</Status>;
  if (check.state !== 'checked')
    return (
      <Status kind="soft">
        {t('import.checking', { percent: check.state === 'checking' ? check.percent : 0 })}
      </Status>
    );
  const { total, invalid, warnings = [] } = check.result;
  return (
    <>
      {invalid === 0 ? (
        <Status kind="good-text">{t('import.all-valid', { total })}</Status>
      ) : (
        <Status kind="warn-text">{t('import.faults', { invalid, total })}</Status>
      )}
      {warnings.length > 0 && (
        <>
          <h3>{t('import.warnings')}</h3>
          <ul class="further-faults">
            {warnings.map(({ detail }) => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
