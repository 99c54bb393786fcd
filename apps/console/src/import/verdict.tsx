import type { ComponentChild } from 'preact';
import { t } from '../messages/say.js';
import { formatSize } from '../parts/format.js';
import { ProblemNotice } from '../parts/notice.js';
import { Status } from '../parts/status-line.js';
import { WithCode } from '../parts/with-code.js';
import { type Check, MAX_CHECKED_BYTES } from './use-check.js';

/** Faults, and rows of one warning, that are shown before a person asks for the others. */
const MAX_SHOWN_FAULTS = 10;
const MAX_SHOWN_WARNINGS = 2;

/** The result of the check of the whole file: how many images are valid, the faults, and the warnings. */
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
  const { total, invalid, faults, warnings = [] } = check.result;
  const codes = [...new Set(warnings.map(({ code }) => code))];
  return (
    <>
      {invalid === 0 ? (
        <Status kind="good-text">{t('import.all-valid', { total })}</Status>
      ) : (
        <Status kind="warn-text">{t('import.faults', { invalid, total })}</Status>
      )}
      {faults.length > 0 && <h2>{t('import.all-faults', { count: faults.length, invalid })}</h2>}
      <Rows shown={MAX_SHOWN_FAULTS}>
        {faults.map(({ row, code, detail }) => (
          // Only the detail of an invalid row names the row.
          <WithCode text={code === 'invalid_row' ? detail : `${t('import.row', { row })}${detail}`} />
        ))}
      </Rows>
      {warnings.length > 0 && <h2>{t('import.warnings')}</h2>}
      {codes.map((alike) => (
        <Rows key={alike} shown={MAX_SHOWN_WARNINGS}>
          {warnings.flatMap(({ code, detail }) => (code === alike ? [detail] : []))}
        </Rows>
      ))}
    </>
  );
}

/** The first of some lines about rows, and the others on request. */
function Rows({ children, shown }: { children: ComponentChild[]; shown: number }) {
  if (children.length === 0) return null;
  const lines = children.map((line, i) => <li key={i}>{line}</li>);
  return (
    <>
      <ul class="checked-rows">{lines.slice(0, shown)}</ul>
      {lines.length > shown && (
        <details class="checked-rows">
          <summary>{t('import.more-rows', { count: lines.length - shown })}</summary>
          <ul>{lines.slice(shown)}</ul>
        </details>
      )}
    </>
  );
}
