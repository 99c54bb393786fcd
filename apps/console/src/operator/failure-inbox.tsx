import type { FailureGroup } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatCount, formatTime } from '../parts/format.js';
import { ProblemNotice } from '../parts/notice.js';
import { useTask } from '../parts/use-task.js';
import { addressOf } from '../state/route.js';
import { currentClient } from '../state/session.js';
import { take } from '../state/take.js';
import { Command } from './command.js';

const SHOWN = 50;

/** The failures of all batches and single images, to retry by reason and host. */
export function FailureInbox() {
  const [groups, setGroups] = useState<readonly FailureGroup[] | null>(null);
  const [begun, setBegun] = useState(false);
  const { busy, error, run } = useTask();
  useEffect(
    () =>
      run(async () => {
        setGroups((await take(currentClient().failures.list(), SHOWN)).found);
      }),
    [],
  );
  const retry = ({ code, host, day }: FailureGroup) =>
    run(async () => {
      await currentClient().failures.retry({ code, host, since: `${day}T00:00:00Z` });
      setBegun(true);
    });
  if (groups === null) return error === null ? null : <ProblemNotice error={error} />;
  return (
    <>
      <section class="panel">
        <h2 class="padded">{t('operator.failures')}</h2>
        {error !== null && <ProblemNotice error={error} />}
        <p class="padded soft" role="status" hidden={!begun && groups.length > 0}>
          {t(begun ? 'operator.retry-begun' : 'operator.no-failures')}
        </p>
        {groups.length > 0 && (
          <div class="table-box" tabIndex={0} role="region" aria-label={t('operator.failures')}>
            <table>
              <tbody>
                {groups.map((group) => (
                  <Row
                    key={`${group.day} ${group.code} ${group.host}`}
                    group={group}
                    busy={busy}
                    onRetry={() => retry(group)}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <Command command="pixdock failures" />
    </>
  );
}

function Row({ group, busy, onRetry }: { group: FailureGroup; busy: boolean; onRetry: () => void }) {
  const { title, fix, count, host, lastAt, exampleId } = group;
  return (
    <tr>
      <td>
        <strong>{formatCount(count)}</strong>
      </td>
      <td>
        <a href={addressOf(`images/${exampleId}`)}>{title}</a>
        <br />
        <span class="soft">{fix.replaceAll('`', '')}</span>
      </td>
      <td>{host ?? '–'}</td>
      <td>{formatTime(lastAt)}</td>
      <td>
        <button type="button" class="small" disabled={busy} onClick={onRetry}>
          {t('retry')}
        </button>
      </td>
    </tr>
  );
}
