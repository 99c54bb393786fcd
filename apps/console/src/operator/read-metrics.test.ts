import { expect, test } from 'vitest';
import { readMetrics } from './read-metrics.js';

test('reads series with and without labels', () => {
  const metrics = readMetrics(`# HELP a text
a 3
jobs{queue="fetch",state="waiting"} 2
jobs{queue="fetch",state="active"} 1
jobs{queue="process",state="waiting"} 5
`);
  expect(metrics.one('a')).toBe(3);
  expect(metrics.one('none')).toBeNull();
  expect(metrics.sum('jobs', { queue: 'fetch' })).toBe(3);
  expect(metrics.values('jobs', 'queue')).toEqual(['fetch', 'process']);
});
