import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, until, untilFinal, upload } from './harness/client.js';
import { photo } from './harness/pictures.js';
import type { Service } from './harness/processes.js';
import { type Stack, startStack } from './harness/stack.js';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
  links?: { traceId: string; spanId: string }[];
}

interface Exported {
  resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
}

/** Receives OTLP over HTTP, as a collector does. */
async function startCollector() {
  const spans: Span[] = [];
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { resourceSpans } = (await json(request)) as Exported;
    for (const { scopeSpans } of resourceSpans) spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  }
  const server = createServer((request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    spans,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const PRELOAD = new URL('../../packages/telemetry/dist/main.js', import.meta.url).href;

let collector: Awaited<ReturnType<typeof startCollector>>;
let source: Awaited<ReturnType<typeof startSourceServer>>;
let stack: Stack;
let picture: Buffer;
beforeAll(async () => {
  collector = await startCollector();
  picture = await photo(64, 48);
  source = await startSourceServer({ images: { photo: { bytes: picture, type: 'image/jpeg' } } });
  stack = await startStack({
    NODE_OPTIONS: `--import=${PRELOAD}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_SERVICE_NAME: 'pixdock',
    SOURCE_ALLOW: source.host,
  });
});
afterAll(async () => {
  await stack.stop();
  await source.stop();
  collector.stop();
});

const attribute = ({ attributes }: Span, name: string) =>
  attributes.find(({ key }) => key === name)?.value.stringValue;

/** The spans of the trace of an image's job, as far as they have arrived. */
function traceOf(imageId: string, jobName: string): Span[] {
  const job = collector.spans.find(
    (span) => span.name === jobName && attribute(span, 'pixdock.image.id') === imageId,
  );
  return collector.spans.filter(({ traceId }) => traceId === job?.traceId);
}

/** `POST /v1/images > stage`: the names of a span and those above it. */
function pathOf(span: Span, all: Span[]): string {
  const parent = all.find(({ spanId }) => spanId === span.parentSpanId);
  return parent === undefined ? span.name : `${pathOf(parent, all)} > ${span.name}`;
}

/** Each path once: a busy worker may repeat an attempt. */
const pathsOf = (all: Span[]) => [...new Set(all.map((span) => pathOf(span, all)))].toSorted();
const PATIENCE = { timeout: 60_000 };

it('traces an upload from the request to the publication as one tree', async () => {
  const traceId = 'c'.repeat(32);
  const headers = { traceparent: `00-${traceId}-${'d'.repeat(16)}-01` };
  const { id } = (await upload(stack, picture, { headers })).body;
  await untilFinal(stack, id);
  await expect
    .poll(() => pathsOf(traceOf(id, 'process-image')), PATIENCE)
    .toEqual([
      'POST /v1/images',
      'POST /v1/images > enqueue',
      'POST /v1/images > enqueue > process-image',
      'POST /v1/images > enqueue > process-image > decode',
      'POST /v1/images > enqueue > process-image > publish',
      'POST /v1/images > enqueue > process-image > put',
      'POST /v1/images > enqueue > process-image > queue wait',
      'POST /v1/images > receive',
      'POST /v1/images > stage',
    ]);
  const spans = traceOf(id, 'process-image');
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const puts = spans.filter(({ name }) => name === 'put').map((span) => attribute(span, 'pixdock.variant'));
  expect(new Set(puts)).toEqual(new Set(['main', 'thumb']));
  await expect
    .poll(() => linesOf(stack.worker), PATIENCE)
    .toContainEqual(expect.objectContaining({ msg: 'image finished', id, trace_id: traceId }));
  await expect
    .poll(() => linesOf(stack.api), PATIENCE)
    .toContainEqual(expect.objectContaining({ msg: 'request', trace_id: traceId }));
});

const linesOf = (service: Service): object[] =>
  service
    .output()
    .split('\n')
    .filter((line) => line.includes('trace_id') && line.endsWith('}'))
    .map((line) => JSON.parse(line));

it('traces the fetch of a URL in the same tree', async () => {
  const body = JSON.stringify({ url: `${source.url}/image/photo` });
  const headers = { 'Content-Type': 'application/json' };
  const { id } = (await ask(stack, '/v1/images', { method: 'POST', body, headers })).body;
  expect((await untilFinal(stack, id)).status).toBe('published');
  await expect
    .poll(() => pathsOf(traceOf(id, 'process-image')), PATIENCE)
    .toEqual(
      expect.arrayContaining([
        'POST /v1/images > enqueue > fetch-image > fetch',
        'POST /v1/images > enqueue > fetch-image > queue wait',
        'POST /v1/images > enqueue > fetch-image > process-image > decode',
        'POST /v1/images > enqueue > fetch-image > process-image > publish',
      ]),
    );
});

it('gives each item of a batch its own trace, with a link to the request', async () => {
  const body = JSON.stringify({ items: [1, 2].map((n) => ({ url: `${source.url}/image/photo?${n}` })) });
  const headers = { 'Content-Type': 'application/json' };
  const batch = await ask<{ id: string }>(stack, '/v1/batches', { method: 'POST', body, headers });
  const items = await until('the batch to finish', 60, async () => {
    const page = await ask<{ items: { id: string; status: string }[] }>(
      stack,
      `/v1/batches/${batch.body.id}/items?status=published`,
    );
    return page.body.items.length === 2 ? page.body.items : null;
  });
  const traces = () => items.map(({ id }) => traceOf(id, 'process-item'));
  const whole = 'fetch-item > process-item > publish';
  await expect
    .poll(() => traces().map((spans) => pathsOf(spans).includes(whole)), PATIENCE)
    .toEqual([true, true]);
  expect(
    new Set(
      traces()
        .flat()
        .map(({ traceId }) => traceId),
    ).size,
  ).toBe(2);
  const request = await until('the span of the request', 60, async () => {
    return collector.spans.find(({ name }) => name === 'POST /v1/batches') ?? null;
  });
  for (const spans of traces())
    expect(spans.find(({ name }) => name === 'fetch-item')?.links).toMatchObject([
      { traceId: request.traceId },
    ]);
});

it('shows no addresses, paths and secrets in spans', () => {
  const text = JSON.stringify(collector.spans);
  for (const secret of ['127.0.0.1', stack.dataDir, 'key-of-the-owner-acme'])
    expect(text).not.toContain(secret);
});

it('sends the last spans before a service ends', async () => {
  await stack.worker.stop();
  await stack.restartWorker({ OTEL_BSP_SCHEDULE_DELAY: '600000' });
  const { id } = (await upload(stack, picture)).body;
  await untilFinal(stack, id);
  await stack.worker.stop();
  expect(traceOf(id, 'process-image')).not.toEqual([]);
});

it('sends only the spans that OTEL_TRACES_SAMPLER selects', async () => {
  await stack.restartWorker({ OTEL_TRACES_SAMPLER: 'always_off' });
  const { id } = (await upload(stack, picture)).body;
  await untilFinal(stack, id);
  await stack.worker.stop();
  expect(traceOf(id, 'process-image')).toEqual([]);
});
