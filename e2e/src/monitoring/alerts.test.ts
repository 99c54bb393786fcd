import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readText } from '../documents/checkout.js';
import { tableBelow } from '../documents/markdown.js';
import { PROMETHEUS, promtool } from './prometheus.js';
import { ALERTS } from './queries.js';

const NAMES = ALERTS.map(({ of }) => of).toSorted();

test.each([
  ['docs/monitoring.md', /^Alerts/],
  ['docs/monitoring.zh-CN.md', /^告警/],
] as const)('%s has a line for each alert, and for no other', (page, heading) => {
  const rows = tableBelow(readText(page), heading);
  expect(rows.map(([name = '']) => name.replaceAll('`', '')).toSorted()).toEqual(NAMES);
  expect(rows.filter((cells) => cells.some((cell) => cell === ''))).toEqual([]);
});

test.skipIf(PROMETHEUS === undefined)('promtool accepts the alerts', () => {
  expect(promtool('check', 'rules', '--lint-fatal', 'deploy/alerts.yml')).toContain('SUCCESS');
});

test.skipIf(PROMETHEUS === undefined)('each alert fires on its fault alone', () => {
  const path = fileURLToPath(new URL('alerts.test.yml', import.meta.url));
  const tested = [...readText('e2e/src/monitoring/alerts.test.yml').matchAll(/alertname: (\w+)/g)];
  expect([...new Set(tested.map(([, name = '']) => name))].toSorted()).toEqual(NAMES);
  expect(promtool('test', 'rules', path)).toContain('SUCCESS');
});
