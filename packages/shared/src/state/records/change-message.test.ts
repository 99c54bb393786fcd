import { expect, test } from 'vitest';
import { testRecord } from '../../testing/record.js';
import { formatImageChange, parseChange } from './change-message.js';

const IMAGE = `img_${'5f'.repeat(16)}`;
const BATCH = `bat_${'5f'.repeat(16)}`;
const UNKNOWN = { owner: null, batchId: null, status: null };

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
  [`${BATCH} 4 acme - -`, { ...UNKNOWN, id: BATCH, version: 4, owner: 'acme' }],
  // Pixdock 0.1.0 publishes this form.
  [`${IMAGE} 3`, { ...UNKNOWN, id: IMAGE, version: 3 }],
  // What a newer version may publish.
  [`${IMAGE} 3 acme - reviewing`, { ...UNKNOWN, id: IMAGE, version: 3, owner: 'acme' }],
  [`${IMAGE} 3 acme - queued more`, { ...UNKNOWN, id: IMAGE, version: 3 }],
  [`${IMAGE} 3  - queued`, { ...UNKNOWN, id: IMAGE, version: 3 }],
])('%j is understood as far as its form is known', (message, change) => {
  expect(parseChange(message)).toEqual(change);
});

test.each([
  '',
  ' ',
  IMAGE,
  `${IMAGE} `,
  `${IMAGE} x`,
  `${IMAGE} -1`,
  `${IMAGE} 1e3`,
  `${IMAGE} ${'9'.repeat(16)}`,
  `${IMAGE}0 1`,
  `job_${'5f'.repeat(16)} 1`,
  ` ${IMAGE} 1`,
])('%j names no change', (message) => {
  expect(parseChange(message)).toBeNull();
});
