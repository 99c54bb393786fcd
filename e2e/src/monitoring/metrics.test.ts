import { ERROR_CODES } from '@pixdock/contract/error-table';
import { freePort } from '@pixdock/shared/testing/free-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';
import { PROMETHEUS, startPrometheus } from './prometheus.js';
import { ALERTS, namesIn, PANELS } from './queries.js';
import { type Sample, samplesIn, valueOf } from './scrape.js';

let stack: Stack;
let prometheus: Awaited<ReturnType<typeof startPrometheus>> | null = null;
/** Addresses of the metrics. */
let api: string;
let worker: string;
/** After an image was published, one failed, and a batch has finished. */
let samples: Sample[];
let texts: string;
const ids: string[] = [];

beforeAll(async () => {
  const ports = [await freePort(), await freePort()] as const;
  [api, worker] = ports.map((port) => `127.0.0.1:${port}`) as [string, string];
  const settings = { METRICS_PORT: String(ports[0]), WORKER_METRICS_PORT: String(ports[1]) };
  stack = await startStack(settings);
  if (PROMETHEUS !== undefined) {
    prometheus = await startPrometheus({ 'pixdock-api': api, 'pixdock-worker': worker });
    await prometheus.scrapes(1);
  }
  const bytes = await photo(64, 48);
  for (const body of [bytes, bytes.subarray(0, -200)]) ids.push((await upload(stack, body)).body.id);
  for (const id of ids) await untilFinal(stack, id);
  ids.push(await runBatch());
  expect((await ask(stack, '/v1/images', { method: 'POST', body: '' })).status).toBe(400);
  texts = `${await scrape(api)}\n${await scrape(worker)}`;
  samples = samplesIn(texts);
});
afterAll(async () => {
  await prometheus?.stop();
  await stack.stop();
});

const scrape = async (address: string) => (await fetch(`http://${address}/metrics`)).text();

/** Submits a batch of one address that may not be fetched and one invalid row. Returns its id. */
async function runBatch(): Promise<string> {
  const { body } = await ask(stack, '/v1/batches', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson' },
    body: '{"url":"http://10.0.0.1/a.jpg"}\n{"url":"no address"}\n',
  });
  await until('the batch to be closed', 60, async () =>
    stack.worker.output().includes('"batch finished"') ? true : null,
  );
  return body.id;
}

test('counts every outcome once, and measures the stages', () => {
  expect(valueOf(samples, 'pixdock_accepted_images_total', { kind: 'single' })).toBe(2);
  expect(valueOf(samples, 'pixdock_accepted_images_total', { kind: 'item' })).toBe(2);
  const count = (labels: Record<string, string>) => valueOf(samples, 'pixdock_images_total', labels);
  expect(count({ outcome: 'published', kind: 'single' })).toBe(1);
  expect(count({ outcome: 'failed', code: 'image_truncated', kind: 'single' })).toBe(1);
  expect(count({ outcome: 'failed', code: 'source_forbidden', kind: 'item' })).toBe(1);
  expect(count({ outcome: 'failed', code: 'invalid_row', kind: 'item' })).toBe(1);
  expect(count({})).toBe(4);
  expect(valueOf(samples, 'pixdock_batches_total', { status: 'finished' })).toBe(1);
  const stages = (stage: string) => valueOf(samples, 'pixdock_image_stage_seconds_count', { stage });
  expect([stages('received'), stages('uploading')]).toEqual([3, 1]);
  expect(valueOf(samples, 'pixdock_oss_call_seconds_count', { operation: 'put', code: 'OK' })).toBe(2);
  expect(valueOf(samples, 'pixdock_responses_total', { status: '400', code: 'empty_file' })).toBe(1);
});

test('shows the state of the whole service', async () => {
  const gauges = ['ready', 'redis_up', 'workers', 'storage_degraded', 'open_batches'];
  // The gauges may be a second old.
  const now = await until('the gauges to show the end of the batch', 30, async () => {
    const found = samplesIn(await scrape(api));
    return gauges.map((name) => valueOf(found, `pixdock_${name}`)).join() === '1,1,1,0,0' ? found : null;
  });
  expect(valueOf(now, 'pixdock_queue_jobs', { queue: 'images', state: 'waiting' })).toBe(0);
  expect(valueOf(now, 'pixdock_queue_oldest_seconds', { queue: 'images' })).toBe(0);
  expect(valueOf(now, 'pixdock_staging_limit_bytes')).toBe(10 * 1024 ** 3);
  expect(valueOf(samples, 'pixdock_circuit_breaker_state')).toBe(0);
});

test('has no ids, owners and hosts, and no codes but those of the error table', () => {
  for (const secret of [...ids, 'acme', '127.0.0.1', '10.0.0.1', stack.dataDir])
    expect(texts).not.toContain(secret);
  const codes = samples
    .filter(({ name }) => /^pixdock_(images|responses)_total$/.test(name))
    .map(({ labels }) => labels.code);
  expect(codes.filter((code) => code !== '' && !ERROR_CODES.some((known) => known === code))).toEqual([]);
});

test('serves nothing but metrics on the ports without a key', async () => {
  for (const address of [api, worker])
    for (const path of ['/', '/v1/images', '/readyz'])
      expect((await fetch(`http://${address}${path}`)).status).toBe(404);
});

test('logs a line for each finished image and batch', () => {
  const lines = stack.worker
    .output()
    .split('\n')
    .filter((line) => line.includes(' finished"'));
  const facts = lines.map((line) => JSON.parse(line));
  expect(facts.filter(({ id }) => id === ids[0])).toMatchObject([
    {
      msg: 'image finished',
      owner: 'acme',
      batchId: null,
      status: 'published',
      stageMs: { uploading: expect.any(Number) },
    },
  ]);
  expect(facts.filter(({ id }) => id === ids[1])).toMatchObject([
    { status: 'failed', code: 'image_truncated' },
  ]);
  expect(facts.filter(({ id }) => id === ids[2])).toMatchObject([
    { msg: 'batch finished', owner: 'acme', total: 2, counts: { failed: 2 } },
  ]);
  expect(facts.filter(({ batchId }) => batchId === ids[2])).toMatchObject([{ code: 'source_forbidden' }]);
});

test.each([...ALERTS, ...PANELS])(
  'the query of $of reads metrics and labels that exist: $expr',
  ({ expr }) => {
    const { metrics, labels } = namesIn(expr);
    expect(metrics.length).toBeGreaterThan(0);
    const read = samples.filter(({ name }) => metrics.includes(name));
    expect([...new Set(read.map(({ name }) => name))].toSorted()).toEqual(metrics.toSorted());
    const known = ['job', 'instance', ...read.flatMap((sample) => Object.keys(sample.labels))];
    expect(labels.filter((label) => !known.includes(label))).toEqual([]);
  },
);

test.skipIf(PROMETHEUS === undefined)('every query has a result in Prometheus', async () => {
  if (prometheus === null) throw new Error('Prometheus does not run');
  // A rate needs two scrapes.
  await prometheus.scrapes(3);
  // A query has no result for a moment after a scrape that took too long.
  for (const { of, expr } of PANELS)
    await until(`a result of ${of}: ${expr}`, 30, async () =>
      (await prometheus?.query(expr))?.length === 0 ? null : true,
    );
  const rules = await until('the alerts to be evaluated', 30, async () => {
    const found = await prometheus?.rules();
    return found?.every(({ health }) => health !== 'unknown') === true ? found : null;
  });
  expect(rules.map(({ name, health, lastError }) => [name, health, lastError])).toEqual(
    ALERTS.map(({ of }) => [of, 'ok', undefined]),
  );
});

test('stays readable while Redis is away, without old values', async () => {
  await stack.redis.crash();
  const away = await until('Redis to be missed', 30, async () => {
    const found = samplesIn(await scrape(api));
    return valueOf(found, 'pixdock_redis_up') === 0 ? found : null;
  });
  expect(valueOf(away, 'pixdock_ready')).toBe(0);
  expect(valueOf(away, 'pixdock_workers')).toBeNull();
  expect(valueOf(samplesIn(await scrape(worker)), 'pixdock_circuit_breaker_state')).toBe(0);
  await stack.redis.restart();
});
