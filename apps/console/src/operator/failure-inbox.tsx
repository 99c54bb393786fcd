import type { ErrorCode } from '@pixdock/client';
import { PixdockApiError } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatCount, formatTime } from '../parts/format.js';
import { ProblemNotice } from '../parts/notice.js';
import { useTask } from '../parts/use-task.js';
import { ask, askJson } from '../state/request.js';
import { addressOf } from '../state/route.js';
import { Command } from './command.js';

/** Failed images with one code, one host and one day. */
interface FailureGroup {
  code: ErrorCode;
  host: string | null;
  day: string;
  count: number;
  lastAt: string;
  exampleId: string;
  title: string;
  fix: string;
}

/** The failures of all batches and single images, to retry by reason and host. */
export function FailureInbox() {
  const [groups, setGroups] = useState<readonly FailureGroup[] | null>(null);
  const [begun, setBegun] = useState(false);
  const { busy, error, run } = useTask();
  useEffect(
    () =>
      run(async () => {
        const found = await askJson<{ items: FailureGroup[] }>('v1/failures?limit=50').catch(orNothing);
        setGroups(found?.items ?? null);
      }),
    [],
  );
  const retry = ({ code, host, day }: FailureGroup) =>
    run(async () => {
      const body = JSON.stringify({ code, host, since: `${day}T00:00:00Z` });
      await ask('v1/failures/retry', { method: 'POST', body });
      setBegun(true);
    });
  if (groups === null) return null;
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

/** An older server has no list of failures. */
function orNothing(error: unknown): null {
  if (error instanceof PixdockApiError && error.status === 404) return null;
  throw error;
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
