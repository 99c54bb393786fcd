import { testRecord } from '@pixdock/shared/testing/record';
import { expect, it } from 'vitest';
import { delayedFor, delayMs } from './delay.js';

it('waits for at most a second at first, and at most a minute later', () => {
  const at = (delayedMs: number) => Array.from({ length: 100 }, () => delayMs(delayedMs));
  for (const ms of at(0)) expect(ms).toBeGreaterThanOrEqual(500);
  for (const ms of at(0)) expect(ms).toBeLessThanOrEqual(1000);
  for (const ms of at(3600_000)) expect(ms).toBeGreaterThanOrEqual(30_000);
  for (const ms of at(3600_000)) expect(ms).toBeLessThanOrEqual(60_000);
});

it('counts the time since the first fault', () => {
  const record = testRecord();
  expect(delayedFor(record)).toBe(0);
  const delayedSince = new Date(Date.now() - 60_000).toISOString();
  expect(delayedFor({ ...record, internal: { ...record.internal, delayedSince } })).toBeGreaterThanOrEqual(
    60_000,
  );
});
