import { type Stack, startStack } from '@pixdock/e2e/harness/stack';
import { startWebhookReceiver, type WebhookReceiver } from '@pixdock/e2e/harness/webhook-receiver';
import { bench, sayProgress } from '../command/bench.js';
import { checkOutcomes } from './check-outcomes.js';
import { checkRun } from './check-run.js';
import { checkWebhooks } from './check-webhooks.js';
import { type Check, openChecks } from './checks.js';
import { runFeed } from './feed.js';
import { measure } from './measure.js';
import { type Meter, startMeter } from './meter.js';
import { type Numbers, numbersOf } from './numbers.js';
import type { Rows } from './rows.js';
import { type Sources, startSources } from './sources.js';

export const scale = bench({
  options: {
    rows: 100_000,
    'level-rows': 1000,
    'single-uploads': 300,
    format: 'csv',
    seed: Date.now() % 1_000_000,
    times: 1,
  },
  async measure({ format: given, seed, times, ...numbers }) {
    const { rows, 'level-rows': levelRows, 'single-uploads': singleUploads } = numbers;
    const interrupted = new AbortController();
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
    const { signal } = interrupted;
    if (times > 1) return runFeed({ rows, isBusy: false, say: sayProgress, signal });
    const format = given === 'workbook' ? 'workbook' : 'csv';
    const how = { rows, levelRows, singleUploads, format, seed, hasSlow: true, isBusy: false } as const;
    return runScale({ ...how, say: sayProgress, signal }).catch((error: unknown) => {
      // Errors that follow an interruption are meaningless.
      throw signal.aborted ? signal.reason : error;
    });
  },
  report({ numbers }: ScaleResult) {
    const width = Math.max(...numbers.map(([name]) => name.length));
    return numbers.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
  },
  judge: ({ checks }) => checks,
});

export interface ScaleOptions {
  rows: number;
  /** Rows of the small batch, whose memory is the baseline for the large one. */
  levelRows: number;
  singleUploads: number;
  seed: number;
  /** How the rows are sent. */
  format: Rows['format'];
  /** Whether some sources of the large batch always drop or stall. */
  hasSlow: boolean;
  /** Whether other programs run at the same time, so that times mean nothing. */
  isBusy: boolean;
  say: (line: string) => void;
  signal: AbortSignal;
}

export interface ScaleResult {
  checks: readonly Check[];
  numbers: Numbers;
}

/** Time to start and to read the results, plus the longest acceptable time per row. */
const DEADLINE_MS = 5 * 60_000;
const ROW_MS = 100;

/** Runs a small and a large batch in a new stack and checks the promises about them. */
export async function runScale(options: ScaleOptions): Promise<ScaleResult> {
  const sources = await startSources();
  const receiver = await startWebhookReceiver();
  const settings = { SOURCE_ALLOW: sources.allow, WEBHOOK_ALLOW: receiver.host, LIMITS_FILE: '' };
  try {
    const stack = await startStack(settings, { asInProduction: true });
    const meter = await startMeter(stack);
    try {
      return await runIn({ stack, sources, receiver, meter }, options);
    } finally {
      await meter.stop();
      await stack.stop();
    }
  } finally {
    receiver.stop();
    await sources.stop();
  }
}

interface Running {
  stack: Stack;
  sources: Sources;
  receiver: WebhookReceiver;
  meter: Meter;
}

async function runIn(running: Running, options: ScaleOptions): Promise<ScaleResult> {
  const { stack, sources, receiver, meter } = running;
  const { rows: total, levelRows, format, seed, hasSlow, say } = options;
  const { origins } = sources;
  const deadline = AbortSignal.timeout(DEADLINE_MS + (total + levelRows) * ROW_MS);
  const signal = AbortSignal.any([options.signal, deadline]);
  const small: Rows = { name: 'small', total: levelRows, format, seed, origins, hasSlow: false };
  const large: Rows = { name: 'large', total, format, seed, origins, hasSlow };
  for (const rows of [small, large]) sources.provide(rows);
  say(`${total} rows, seed ${seed}`);
  // The single uploads do not fail.
  await receiver.subscribe(stack, 'scale', { events: ['batch.finished', 'image.failed'] });
  const parts = { stack, meter, say, signal };
  const { measured, urls } = await measure(parts, small, large, options.singleUploads);
  const checks = openChecks(say);
  const batches = [
    [measured.level, small],
    [measured.large, large],
  ] as const;
  await checkOutcomes(checks, { stack, sources, batches, urls });
  await checkWebhooks(checks, receiver, [measured.level.batch.id, measured.large.batch.id]);
  const reading = await meter.peak();
  checkRun(checks, measured, reading, options.isBusy);
  return { checks: checks.all, numbers: numbersOf(measured, reading) };
}
