import type { Throughput } from '@pixdock/contract/throughput';
import { titleOf } from '../images/error-words.js';
import { t } from '../messages/say.js';
import { formatCount } from '../parts/format.js';
import { ProblemNotice } from '../parts/notice.js';
import { usePolled } from '../parts/use-polled.js';
import { ask } from '../state/request.js';
import { rateWords } from './rate-words.js';

const PAUSE_MS = 10_000;
const readThroughput = async (signal: AbortSignal): Promise<Throughput> =>
  (await ask('v1/throughput', signal)).json();

/** The images of the last hour, minute by minute, and why some failed. */
export function ThroughputPanel() {
  const { value: throughput, error } = usePolled(() => readThroughput, PAUSE_MS);
  if (throughput === null) return error === null ? null : <ProblemNotice error={error} />;
  const { published, failed, most } = addUp(throughput);
  const counts = { published: formatCount(published), failed: formatCount(failed) };
  return (
    <section class="panel padded throughput">
      <h2>{t('operator.throughput')}</h2>
      <p class="totals-line">
        <strong>{rateWords(published + failed, throughput.minutes.length)}</strong>
        <span class="soft">{t('operator.most', { amount: formatCount(most) })}</span>
        <span class="soft">{t('operator.outcomes', counts)}</span>
      </p>
      <Chart minutes={throughput.minutes} most={most} label={t('operator.outcomes', counts)} />
      <Codes failures={throughput.failures} />
    </section>
  );
}

const HEIGHT = 100;
const STEP = 10;
const BAR = 8;

interface ChartProps {
  minutes: Throughput['minutes'];
  most: number;
  label: string;
}

/** A bar for each minute, with its failed images on top. */
function Chart({ minutes, most, label }: ChartProps) {
  const heightOf = (count: number) => (most === 0 ? 0 : (count / most) * HEIGHT);
  return (
    <figure>
      <svg
        viewBox={`0 0 ${minutes.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {minutes.map(({ at, published, failed }, i) => {
          const [good, bad] = [heightOf(published), heightOf(failed)];
          return (
            <g key={at}>
              <rect class="good" x={i * STEP} width={BAR} y={HEIGHT - good} height={good} />
              <rect class="bad" x={i * STEP} width={BAR} y={HEIGHT - good - bad} height={bad} />
            </g>
          );
        })}
      </svg>
      <figcaption class="soft">
        <span>{t('operator.hour-ago')}</span>
        <span>{t('operator.now')}</span>
      </figcaption>
    </figure>
  );
}

function Codes({ failures }: Pick<Throughput, 'failures'>) {
  if (failures.length === 0) return null;
  return (
    <ul class="codes">
      {failures.map(({ code, count }) => (
        <li key={code}>
          <span class="count">{formatCount(count)}</span> {titleOf(code)}{' '}
          <a href={`v1/errors/${code}`} target="_blank" rel="noreferrer">
            <code>{code}</code>
          </a>
        </li>
      ))}
    </ul>
  );
}

function addUp({ minutes }: Throughput) {
  const sums = { published: 0, failed: 0, most: 0 };
  for (const { published, failed } of minutes) {
    sums.published += published;
    sums.failed += failed;
    sums.most = Math.max(sums.most, published + failed);
  }
  return sums;
}
