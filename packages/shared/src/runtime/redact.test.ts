import { expect, it } from 'vitest';
import { createLog } from './log.js';
import { redact } from './redact.js';

it('replaces secrets in the fields of a line, in theirs and once more', () => {
  const fields = {
    password: 1,
    a: { apiKey: 'b', b: { cookie: 'c', c: 'shown' } },
    list: [{ securityToken: 'd' }, 'shown'],
    shown: null,
  };
  const before = structuredClone(fields);
  expect(redact(fields)).toEqual({
    password: '[redacted]',
    a: { apiKey: '[redacted]', b: { cookie: '[redacted]', c: 'shown' } },
    list: [{ securityToken: '[redacted]' }, 'shown'],
    shown: null,
  });
  expect(fields).toEqual(before);
});

it('copies nothing without a secret', () => {
  const fields = { method: 'GET', nested: { status: 200 } };
  expect(redact(fields)).toBe(fields);
});

it('hides secrets of a line and of a child logger', () => {
  const lines: string[] = [];
  const log = createLog('a', { destination: { write: (line) => void lines.push(line) } });
  log.info({ accessKeyId: 'secret' }, 'one');
  log.child({ request: { authorization: 'secret' } }).info({ to: { accessKeySecret: 'secret' } }, 'two');
  log.info({ err: new Error('no') }, 'three');
  const [one, two, three] = lines.map((line) => JSON.parse(line));
  expect(one).toMatchObject({ name: 'a', accessKeyId: '[redacted]' });
  expect(two).toMatchObject({
    request: { authorization: '[redacted]' },
    to: { accessKeySecret: '[redacted]' },
  });
  expect(three.err).toMatchObject({ name: 'Error', message: 'no' });
  expect(lines.join('')).not.toContain('secret');
});
