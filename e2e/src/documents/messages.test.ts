import { expect, test } from 'vitest';
import { listSources, readText } from './checkout.js';
import { tableBelow } from './markdown.js';

const LITERALS = listSources().flatMap((path) => literalsIn(readText(path)));

test.each([
  ['docs/operations.md', /^Logs and alarms/],
  ['docs/operations.zh-CN.md', /^日志与告警/],
] as const)('%s names only log messages that the services write', (page, heading) => {
  const cells = tableBelow(readText(page), heading).map(([message = '']) => message);
  const messages = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));
  expect(messages.length).toBeGreaterThan(15);
  expect(messages.filter((message) => !LITERALS.includes(message))).toEqual([]);
});

/** Strings and templates, with an ellipsis for each value that is filled in. */
function literalsIn(source: string): string[] {
  const quoted = source.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g);
  return [...quoted].map(([, plain, template]) =>
    (plain ?? template ?? '').replaceAll(/\$\{[^}]*\}/g, '…').replaceAll("\\'", "'"),
  );
}
