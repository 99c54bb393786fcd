import { expect, onTestFinished, test } from 'vitest';
import { forTerminal, wordsOf } from './child-log.mjs';
import { speak } from './say.mjs';

const line = (entry) => JSON.stringify(entry);

test('shows only warnings and errors, with their reason', () => {
  expect(forTerminal('api', line({ level: 30, msg: 'request' }))).toBeNull();
  expect(
    forTerminal('api', line({ level: 40, msg: 'Redis cannot be reached', err: { message: 'ECONNREFUSED' } })),
  ).toBe('api     WARN  Redis cannot be reached: ECONNREFUSED');
  expect(forTerminal('worker', line({ level: 60, msg: 'cannot start' }))).toBe('worker  FATAL cannot start');
});

test('shows the error code and the fix', () => {
  speak({ DEFAULT_LANGUAGE: 'zh' });
  onTestFinished(() => speak(process.env));
  const fix = 'Grant the RAM user oss:PutObject.';
  expect(
    forTerminal('worker', line({ level: 40, msg: 'storage is in trouble', code: 'AccessDenied', fix })),
  ).toBe(`worker  WARN  storage is in trouble (AccessDenied). Fix: ${fix}`);
  const err = { message: 'connect ECONNREFUSED 127.0.0.1:6379', code: 'ECONNREFUSED' };
  expect(forTerminal('api', line({ level: 50, msg: 'request failed', code: 'queue_unavailable', err }))).toBe(
    'api     ERROR request failed: connect ECONNREFUSED 127.0.0.1:6379 (queue_unavailable)',
  );
  expect(forTerminal('api', line({ level: 40, msg: 'Redis cannot be reached', err }))).toBe(
    'api     WARN  Redis cannot be reached: connect ECONNREFUSED 127.0.0.1:6379',
  );
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
