import { expect, test } from 'vitest';
import { forTerminal, wordsOf } from './log-line.mjs';

const line = (entry) => JSON.stringify(entry);

test('shows only warnings and errors, with their reason', () => {
  expect(forTerminal('api', line({ level: 30, msg: 'request' }))).toBeNull();
  expect(
    forTerminal('api', line({ level: 40, msg: 'Redis cannot be reached', err: { message: 'ECONNREFUSED' } })),
  ).toBe('api     WARN  Redis cannot be reached: ECONNREFUSED');
  expect(forTerminal('worker', line({ level: 60, msg: 'cannot start' }))).toBe('worker  FATAL cannot start');
});

test('shows other output unchanged, without control characters', () => {
  expect(forTerminal('api', 'TypeError: \u001b[2Jx is not a function')).toBe(
    'api     TypeError:  [2Jx is not a function',
  );
  expect(forTerminal('api', '{"level": broken')).toBe('api     {"level": broken');
});

test('reports a crash without its stack trace', () => {
  const crash = [
    'node:internal/x:1',
    '  throw err;',
    '  ^',
    '',
    'Error: Cannot find module',
    '    at Module.x (y:1:2)',
    'Node.js v20.20.2',
  ];
  expect(wordsOf([line({ level: 30, msg: 'ready' }), ...crash], 5)).toBe('Error: Cannot find module');
});
