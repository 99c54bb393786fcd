import type { ComponentChildren } from 'preact';
import { t } from '../messages/say.js';
import { formatCount, formatDuration, formatSize, formatTime } from '../parts/format.js';
import { Loading, ProblemNotice } from '../parts/notice.js';
import { TableBox } from '../parts/table-box.js';
import { WithCode } from '../parts/with-code.js';
import { Command } from './command.js';
import { ThroughputPanel } from './throughput.js';
import { type HealthState, useHealth } from './use-health.js';

export function Health() {
  const { health, error } = useHealth();
  if (health === null) return error === null ? <Loading /> : <ProblemNotice error={error} />;
  return (
    <>
      {error !== null && <ProblemNotice error={error} />}
      <Tiles health={health} />
      <ThroughputPanel />
      <Queues health={health} />
      <Command command="pixdock-ops status" />
    </>
  );
}

function Tiles({ health }: { health: HealthState }) {
  const { isReady, reason, storageTrouble, metrics, acceptedPerSecond } = health;
  const isPaused = metrics.one('pixdock_paused') === 1;
  const used = metrics.sum('pixdock_staging_bytes');
  const limit = metrics.one('pixdock_staging_limit_bytes') ?? 0;
  const count = (name: string) => {
    const value = metrics.one(name);
    return value === null ? '–' : formatCount(value);
  };
  return (
    <ul class="tiles">
      <Tile name="API" value={t(isReady ? 'operator.ready' : 'operator.not-ready')} isBad={!isReady}>
        {reason}
      </Tile>
      <Tile
        name={t('operator.storage')}
        value={t(storageTrouble === null ? 'operator.storage-ok' : 'operator.storage-degraded')}
        isBad={storageTrouble !== null}
      >
        {storageTrouble !== null &&
          `${storageTrouble.code}, ${formatTime(storageTrouble.since)}. ${storageTrouble.fix}`}
      </Tile>
      <Tile
        name={t('operator.workers')}
        value={count('pixdock_workers')}
        isBad={isPaused || metrics.one('pixdock_workers') === 0}
      >
        {isPaused && <WithCode text={t('operator.paused')} />}
      </Tile>
      <Tile name={t('operator.open-batches')} value={count('pixdock_open_batches')} />
      <Tile name={t('operator.accepted')} value={formatCount(metrics.sum('pixdock_accepted_images_total'))}>
        {acceptedPerSecond !== null && t('per-second', { amount: acceptedPerSecond.toFixed(1) })}
      </Tile>
      <Tile
        name={t('operator.staging')}
        value={t('operator.staging-of', { used: formatSize(used), limit: formatSize(limit) })}
        isBad={limit > 0 && used / limit > 0.9}
      >
        <progress max={limit} value={used} aria-label={t('operator.staging')} />
      </Tile>
    </ul>
  );
}

interface TileProps {
  name: string;
  value: string;
  isBad?: boolean;
  children?: ComponentChildren;
}

function Tile({ name, value, isBad = false, children }: TileProps) {
  return (
    <li class={`panel padded tile${isBad ? ' bad' : ''}`}>
      <span class="soft">{name}</span>
      <strong>{value}</strong>
      {children !== undefined && children !== null && children !== false && (
        <div class="soft">{children}</div>
      )}
    </li>
  );
}

const QUEUES = ['images', 'items', 'sources', 'item-sources', 'deletions', 'webhooks', 'upkeep'] as const;

/** A newer server may have other queues. */
function queueWords(queue: string): string | null {
  const known = QUEUES.find((name) => name === queue);
  return known === undefined ? null : t(`operator.queue.${known}`);
}

function Queues({ health: { metrics } }: { health: HealthState }) {
  const queues = metrics.values('pixdock_queue_jobs', 'queue');
  if (queues.length === 0) return null;
  const jobs = (queue: string, state: string) =>
    formatCount(metrics.sum('pixdock_queue_jobs', { queue, state }));
  return (
    <section class="panel">
      <h2 class="padded">{t('operator.queues')}</h2>
      <TableBox
        label={t('operator.queues')}
        heads={[t('operator.queue'), t('operator.waiting'), t('operator.active'), t('operator.oldest')]}
      >
        {queues.map((queue) => (
          <tr key={queue}>
            <th scope="row">
              <code>{queue}</code> <span class="soft">{queueWords(queue)}</span>
            </th>
            <td>{jobs(queue, 'waiting')}</td>
            <td>{jobs(queue, 'active')}</td>
            <td>{formatDuration(Math.round(metrics.one('pixdock_queue_oldest_seconds', { queue }) ?? 0))}</td>
          </tr>
        ))}
      </TableBox>
    </section>
  );
}
