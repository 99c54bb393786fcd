import { expect, it } from 'vitest';
import { createGiven } from './given.js';

it('gives values as they were written', () => {
  const args = ['upload', '--key', '0123', '--profile=1e3', '-o', '007', '--', '--key', 'x'];
  const given = createGiven(args, { key: 123, profile: 1000, output: 7, json: true });
  expect([given.text('key'), given.text('profile'), given.text('output')]).toEqual(['0123', '1e3', '007']);
  expect(given.text('url')).toBeUndefined();
  expect([given.flag('json'), given.flag('watch')]).toEqual([true, false]);
  expect(given.rest).toEqual(['--key', 'x']);
});
