import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { listKeys } from '@pixdock/e2e/harness/bucket';
import { picture } from '@pixdock/e2e/harness/pictures';
import { type Stack, startStack } from '@pixdock/e2e/harness/stack';
import type { SourceImage } from '@pixdock/shared/testing/source-behaviours';
import { startSourceServer } from '@pixdock/shared/testing/source-server';
import { openChecks } from './checks.js';
import { startMeter } from './meter.js';
import { accept, type BatchRun, follow, type Parts } from './run-batch.js';
import type { ScaleOptions, ScaleResult } from './scale.js';
import { submitCsv } from './submit.js';

/** Pictures of the source: one of them changes, so one row in this many. */
const PICTURES = 100;
/** For 100,000 rows on two cores: what a nightly feed may take. */
const MAX_ROW_MS = 6;
const CHUNK_ROWS = 500;

/** Sends a feed twice: the second time, one row in a hundred has changed, and the others become the images that they are. */
export async function runFeed({
  rows,
  isBusy,
  say,
  signal,
}: Pick<ScaleOptions, 'rows' | 'isBusy' | 'say' | 'signal'>): Promise<ScaleResult> {
  const images: Record<string, SourceImage> = {};
  for (let i = 0; i < PICTURES; i++) images[`p${i}`] = await sourceImage(48, i);
  const source = await startSourceServer({ images });
  try {
    const stack = await startStack({ SOURCE_ALLOW: source.host, LIMITS_FILE: '' }, { asInProduction: true });
    const meter = await startMeter(stack);
    try {
      const parts: Parts = { stack, meter, say, signal };
      const send = async (name: string): Promise<BatchRun> =>
        follow(
          parts,
          await accept(parts, { name, total: rows }, (to, until) =>
            submitCsv(to, csvOf(source.url, rows), { reuse: 'url' }, until),
          ),
        );
      const first = await send('first');
      const objects = (await listKeys(stack)).length;
      images.p0 = await sourceImage(49, PICTURES);
      const requests = source.hits();
      const second = await send('second');
      const changed = Math.ceil(rows / PICTURES);
      const reused = await countReused(stack, second.batch.id);
      const checks = openChecks(say);
      const published = [first, second].map(({ batch }) => batch.counts.published);
      checks.add(
        'every row is published, both times',
        published.every((count) => count === rows),
        published.join(),
      );
      checks.add(
        'unchanged rows become their images',
        reused === rows - changed,
        `${reused} of ${rows - changed}`,
      );
      const stored = (await listKeys(stack)).length - objects;
      checks.add('only changed rows are stored', stored === 2 * changed, `${stored} objects`);
      const asked = source.hits() - requests;
      checks.add('each row is one request', asked === rows, `${asked} requests`);
      const limit = (rows * MAX_ROW_MS) / 1000;
      const seen = `${second.runSeconds.toFixed(0)} s of ${limit.toFixed(0)}`;
      if (isBusy) checks.show('time of the second feed, not judged beside other programs', seen);
      else checks.add('the second feed is in time', second.runSeconds <= limit, seen);
      return { checks: checks.all, numbers: numbersOf(first, second) };
    } finally {
      await meter.stop();
      await stack.stop();
    }
  } finally {
    await source.stop();
  }
}

async function sourceImage(size: number, version: number): Promise<SourceImage> {
  const bytes = await picture(size, 36).jpeg().toBuffer();
  return { bytes, type: 'image/jpeg', etag: `"v${version}"` };
}

function* csvOf(origin: string, rows: number): Generator<string> {
  yield 'externalId,url\r\n';
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    const numbers = Array.from({ length: Math.min(CHUNK_ROWS, rows - from) }, (_, i) => from + i);
    yield numbers.map((n) => `sku-${n},${origin}/image/p${n % PICTURES}/${n}\r\n`).join('');
  }
}

async function countReused(stack: Stack, batchId: string): Promise<number> {
  const response = await fetch(new URL(`/v1/batches/${batchId}/report.ndjson`, stack.api.url), {
    headers: { Authorization: 'Bearer key-of-the-owner-acme' },
  });
  if (response.status !== 200 || response.body === null) throw new Error(`${response.status}`);
  let reused = 0;
  for await (const line of createInterface({ input: Readable.fromWeb(response.body as never) }))
    if ((JSON.parse(line) as { reusedId: string | null }).reusedId !== null) reused++;
  return reused;
}

function numbersOf(first: BatchRun, second: BatchRun): ScaleResult['numbers'] {
  const both = (show: (run: BatchRun) => string) => `${show(first)} → ${show(second)}`;
  return [
    ['', `${first.total} rows, then 1 % of them changed`],
    ['finished in', both((run) => `${run.runSeconds.toFixed(1)} s`)],
    ['items a second', both((run) => (run.total / run.runSeconds).toFixed(1))],
    ['Redis commands an item', both((run) => (run.spent.commands / run.total).toFixed(1))],
    ['Redis, MiB', both((run) => run.peak.redis.toFixed(1))],
  ];
}
