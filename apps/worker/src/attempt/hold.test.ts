import { testRecord } from '@pixdock/shared/testing/record';
import { expect, it } from 'vitest';
import { heldFor, holdMs } from './hold.js';

it('waits for at most a second at first, and at most a minute later', () => {
  const at = (heldMs: number) => Array.from({ length: 100 }, () => holdMs(heldMs));
  for (const ms of at(0)) expect(ms).toBeGreaterThanOrEqual(500);
  for (const ms of at(0)) expect(ms).toBeLessThanOrEqual(1000);
  for (const ms of at(3600_000)) expect(ms).toBeGreaterThanOrEqual(30_000);
  for (const ms of at(3600_000)) expect(ms).toBeLessThanOrEqual(60_000);
});

it('counts the time since the first fault', () => {
  const record = testRecord();
  expect(heldFor(record)).toBe(0);
  const heldSince = new Date(Date.now() - 60_000).toISOString();
  expect(heldFor({ ...record, internal: { ...record.internal, heldSince } })).toBeGreaterThanOrEqual(60_000);
});
