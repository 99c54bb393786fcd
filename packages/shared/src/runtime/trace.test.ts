import { context, propagation, trace } from '@opentelemetry/api';
import { expect, it, vi } from 'vitest';
import {
  carryLink,
  carryTrace,
  flushTraces,
  inJobSpan,
  inSpan,
  isTracing,
  linkedTo,
  traceFields,
} from './trace.js';

const LINK = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

it('creates, carries and logs nothing without a preload', async () => {
  const startSpan = vi.spyOn(trace.getTracer('pixdock'), 'startSpan');
  const tracers = vi.spyOn(trace, 'getTracer');
  const contexts = vi.spyOn(context, 'with');
  expect(isTracing()).toBe(false);
  expect(await inSpan('decode', {}, async () => 1)).toBe(1);
  expect(carryTrace()).toEqual({});
  expect(carryLink()).toEqual({});
  expect(traceFields()).toEqual({});
  await flushTraces();
  expect([startSpan, tracers, contexts].map((spy) => spy.mock.calls.length)).toEqual([0, 0, 0]);
  vi.restoreAllMocks();
});

it('runs a traced job in a process without a preload', async () => {
  const job = { name: 'process-image', addedAtMs: 1, attributes: {} };
  expect(await inJobSpan({ ...job, trace: LINK }, async () => 1)).toBe(1);
  await expect(inJobSpan({ ...job, link: LINK }, () => Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  );
  expect(await linkedTo(LINK, async () => carryTrace())).toEqual({});
  expect(propagation.fields()).toEqual([]);
});
