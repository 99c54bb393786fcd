import { expect, it } from 'vitest';
import { createCommandLine } from './typed-options.js';

it('returns values exactly as typed', () => {
  const args = ['upload', '--key', '0123', '--profile=1e3', '-o', '007', '--', '--key', 'x'];
  const commandLine = createCommandLine(args, { key: 123, profile: 1000, output: 7, json: true });
  expect([commandLine.text('key'), commandLine.text('profile'), commandLine.text('output')]).toEqual([
    '0123',
    '1e3',
    '007',
  ]);
  expect(commandLine.text('url')).toBeUndefined();
  expect([commandLine.flag('json'), commandLine.flag('watch')]).toEqual([true, false]);
  expect(commandLine.rest).toEqual(['--key', 'x']);
});
