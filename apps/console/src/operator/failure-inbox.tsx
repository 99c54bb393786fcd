import type { FailureGroup, FailureRetry } from '@pixdock/client';
import { mayRetry } from '@pixdock/contract/error-table';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatCount, formatTime } from '../parts/format.js';
import { ProblemNotice } from '../parts/notice.js';
import { pause } from '../parts/poll.js';
import { TableBox } from '../parts/table-box.js';
import { useTask } from '../parts/use-task.js';
import { addressOf } from '../state/route.js';
import { currentClient, may } from '../state/session.js';
import { take } from '../state/take.js';
import { Command } from './command.js';

const SHOWN = 50;
const PROGRESS_MS = 500;

/** The failures of all batches and single images by reason and host, with a retry where it can help. */
export function FailureInbox() {
  const [groups, setGroups] = useState<readonly FailureGroup[] | null>(null);
  const [retried, setRetried] = useState<FailureRetry | null>(null);
  const { busy, error, run } = useTask();
  const read = async () => setGroups((await take(currentClient().failures.list(), SHOWN)).found);
  useEffect(() => run(read), []);
  const retry = (group: FailureGroup) =>
    run(async () => {
      setRetried(await retryAll(group));
      await read();
    });
  if (groups === null) return error === null ? null : <ProblemNotice error={error} />;
  return (
    <>
      <section class="panel">
        <h2 class="padded">{t('operator.failures')}</h2>
        {error !== null && <ProblemNotice error={error} />}
        <p class="padded soft" role="status" hidden={retried === null && groups.length > 0}>
          {retried === null
            ? t('operator.no-failures')
            : t('operator.retried', {
                retried: formatCount(retried.retried),
                skipped: formatCount(retried.skipped),
              })}
        </p>
        {groups.length > 0 && (
          <TableBox
            label={t('operator.failures')}
            heads={[t('operator.count'), t('operator.reason'), t('operator.host'), t('operator.last')]}
            hasActions
          >
            {groups.map((group) => (
              <Row
                key={`${group.day} ${group.code} ${group.host}`}
                group={group}
                busy={busy}
                onRetry={() => retry(group)}
              />
            ))}
          </TableBox>
        )}
      </section>
      <Command command="pixdock failures" />
    </>
  );
}

const DAY_MS = 24 * 3600_000;

/** Retries a group, and waits until all its images are queued. */
async function retryAll({ code, host, day }: FailureGroup): Promise<FailureRetry> {
  const { failures } = currentClient();
  const since = `${day}T00:00:00.000Z`;
  const until = new Date(Date.parse(since) + DAY_MS).toISOString();
  let state = await failures.retry({ code, host, since, until });
  while (state.status === 'running') {
    await pause(PROGRESS_MS);
    state = await failures.progress(state.id);
  }
  return state;
}

function Row({ group, busy, onRetry }: { group: FailureGroup; busy: boolean; onRetry: () => void }) {
  const { code, title, fix, count, host, lastAt, exampleId } = group;
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
      <td>{host ?? t('operator.no-url')}</td>
      <td>{formatTime(lastAt)}</td>
      <td>
        {!may('submit') ? null : mayRetry(code) ? (
          <button type="button" class="small" disabled={busy} onClick={onRetry}>
            {t('retry')}
          </button>
        ) : (
          <span class="soft">{t('operator.no-retry')}</span>
        )}
      </td>
    </tr>
  );
}
