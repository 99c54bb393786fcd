import { expect, test } from 'vitest';
import { testRecord } from '../testing/record.js';
import { formatImageChange, parseChange } from './change-message.js';

const IMAGE = `img_${'5f'.repeat(16)}`;
const BATCH = `bat_${'5f'.repeat(16)}`;
const ACME = { owner: 'acme', batchId: null, status: null };

test('parses a formatted message', () => {
  const record = testRecord({ owner: 'acme.cn-1', status: 'failed', version: 12 });
  for (const batchId of [null, BATCH]) {
    const { id, version, owner, status } = record;
    const message = formatImageChange({ ...record, batchId });
    expect(message).toBe(`${id} 12 acme.cn-1 ${batchId ?? '-'} failed`);
    expect(parseChange(message)).toEqual({ id, version, owner, batchId, status });
  }
});

test.each<[string, unknown]>([
  [`${BATCH} 4 acme - -`, { ...ACME, id: BATCH, version: 4 }],
  // What a newer version may publish.
  [`${IMAGE} 3 acme - reviewing`, { ...ACME, id: IMAGE, version: 3 }],
  [`${IMAGE} 3 acme - queued more`, { ...ACME, id: IMAGE, version: 3, status: 'queued' }],
])('%j is understood as far as its form is known', (message, change) => {
  expect(parseChange(message)).toEqual(change);
});

test.each([
  '',
  ' ',
  IMAGE,
  `${IMAGE} `,
  `${IMAGE} 1`,
  `${IMAGE} x acme - queued`,
  `${IMAGE} -1 acme - queued`,
  `${IMAGE} 1e3 acme - queued`,
  `${IMAGE} ${'9'.repeat(16)} acme - queued`,
  `${IMAGE}0 1 acme - queued`,
  `job_${'5f'.repeat(16)} 1 acme - queued`,
  ` ${IMAGE} 1 acme - queued`,
  `${IMAGE} 1  - queued`,
])('%j names no change', (message) => {
  expect(parseChange(message)).toBeNull();
});
