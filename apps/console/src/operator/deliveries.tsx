import type { WebhookDelivery } from '@pixdock/client';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { formatTime } from '../parts/format.js';
import { ProblemNotice } from '../parts/notice.js';
import { TableBox } from '../parts/table-box.js';
import { useTask } from '../parts/use-task.js';
import { addressOf } from '../state/route.js';
import { currentClient, may } from '../state/session.js';
import { take } from '../state/take.js';
import { Command } from './command.js';

const SHOWN = 50;

/** The newest webhook deliveries of the owner, to send again. */
export function Deliveries() {
  const [deliveries, setDeliveries] = useState<readonly WebhookDelivery[] | null>(null);
  const { busy, error, run } = useTask();
  const read = async () =>
    setDeliveries((await take(currentClient().webhooks.deliveries.list(), SHOWN)).found);
  useEffect(() => run(read), []);
  const resend = (id: string) =>
    run(async () => {
      await currentClient().webhooks.deliveries.resend(id);
      await read();
    });
  if (deliveries === null) return error === null ? null : <ProblemNotice error={error} />;
  return (
    <>
      <section class="panel">
        <h2 class="padded">{t('operator.deliveries')}</h2>
        {error !== null && <ProblemNotice error={error} />}
        {deliveries.length === 0 ? (
          <p class="padded soft">{t('operator.no-deliveries')}</p>
        ) : (
          <TableBox
            label={t('operator.deliveries')}
            heads={[
              t('operator.event'),
              t('operator.state'),
              t('operator.last-response'),
              t('operator.time'),
            ]}
            hasActions
          >
            {deliveries.map((delivery) => (
              <Row key={delivery.id} delivery={delivery} busy={busy} onResend={() => resend(delivery.id)} />
            ))}
          </TableBox>
        )}
      </section>
      <Command command="pixdock webhooks resend ID" />
    </>
  );
}

function Row({
  delivery,
  busy,
  onResend,
}: {
  delivery: WebhookDelivery;
  busy: boolean;
  onResend: () => void;
}) {
  const { event, status, attempts, createdAt } = delivery;
  const last = attempts.at(-1);
  return (
    <tr>
      <td>
        <Subject event={event} />
      </td>
      <td class={status === 'failed' ? 'bad-text' : ''}>{t(`operator.delivery.${status}`)}</td>
      <td>{last === undefined ? '–' : (last.status ?? last.error ?? t('operator.no-response'))}</td>
      <td>{formatTime(createdAt)}</td>
      <td>
        {may('submit') && (
          <button type="button" class="small" disabled={busy} onClick={onResend}>
            {t('operator.resend')}
          </button>
        )}
      </td>
    </tr>
  );
}

/** The event of a test is about its endpoint, which has no view. */
function Subject({ event: { type, data } }: { event: WebhookDelivery['event'] }) {
  if (type === 'endpoint.test') return <>{type}</>;
  const view = type === 'batch.finished' ? 'batches' : 'images';
  return <a href={addressOf(`${view}/${data.id}`)}>{type}</a>;
}
