import { expect, test } from 'vitest';
import { testRecord } from '../../testing/record.js';
import { firstVersionIn, lastVersionIn, nextVersion } from '../epoch.js';
import { restoreRecord } from './restored-record.js';

test('restores an image above every version of the epochs before', () => {
  const reported = nextVersion(lastVersionIn(3) - 1, 3);
  expect(restoreRecord(testRecord(), 4).version).toBeGreaterThan(reported);
  expect(restoreRecord(testRecord({ version: 7 }), 0).version).toBe(7);
});

test('gives a restored image one version in each epoch', () => {
  const restored = restoreRecord(testRecord(), 4);
  expect(restoreRecord(testRecord(), 4).version).toBe(restored.version);
  expect(restoreRecord(restored, 5).version).toBe(firstVersionIn(5));
});
