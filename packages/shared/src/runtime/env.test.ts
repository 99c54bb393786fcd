import { expect, test } from 'vitest';
import { readSettings } from './env.js';
import { SettingsError } from './settings-error.js';

test('reads sizes, durations and lists', () => {
  const env = { A: '20MiB', B: '7d', C: ' x, ,y ', D: '', E: '1.5 kb' };
  const settings = readSettings(env, (read) => ({
    a: read.bytes('A', 0),
    b: read.duration('B', 0),
    c: read.list('C'),
    d: read.text('D', 'default'),
    e: read.bytes('E', 0),
  }));
  expect(settings).toEqual({ a: 20 * 1024 ** 2, b: 7 * 86_400_000, c: ['x', 'y'], d: 'default', e: 1500 });
});

test('reports every fault at once, each with its variable and a fix', () => {
  const env = { PORT: '70000', SIZE: 'big', MODE: 'odd', TIME: '0s' };
  const read = () =>
    readSettings(env, (r) => [
      r.integer('PORT', 1, { min: 0, max: 65_535 }),
      r.bytes('SIZE', 1),
      r.choice('MODE', ['a', 'b'], 'a'),
      r.duration('TIME', 1),
      r.required('MISSING', 'set it'),
    ]);
  expect(read).toThrow(SettingsError);
  try {
    read();
  } catch (error) {
    const { faults } = error as SettingsError;
    expect(faults.map(({ name }) => name)).toEqual(['PORT', 'SIZE', 'MODE', 'TIME', 'MISSING']);
    expect(faults.every(({ fix }) => fix !== '')).toBe(true);
  }
});
