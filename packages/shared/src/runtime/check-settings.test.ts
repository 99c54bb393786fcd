import { expect, it } from 'vitest';
import { checkSettings, mistypedSettings } from './check-settings.js';
import { readSettings } from './env.js';
import { SettingsError } from './settings-error.js';

it('reports the faults of all programs, each once', () => {
  const reader = (name: string) => (environment: Readonly<Record<string, string | undefined>>) =>
    readSettings(environment, (read) => [read.port(name, null), read.bytes('SIZE', 1)]);
  const check = () => checkSettings([reader('A'), reader('B')], { A: 'x', B: 'y', SIZE: 'big' }, 'en');
  expect(check).toThrow(SettingsError);
  try {
    check();
  } catch (error) {
    expect((error as SettingsError).faults.map(({ name }) => name)).toEqual(['A', 'SIZE', 'B']);
  }
  expect(() => checkSettings([reader('A')], {}, 'en')).not.toThrow();
});

it('finds names that differ from a setting by a letter, and no short ones', () => {
  const found = mistypedSettings({ MAX_UPLOD_BYTES: '1', PORT: '1', PORTS: '1', PATH: '/' }, [
    'MAX_UPLOAD_BYTES',
    'PORT',
  ]);
  expect(found).toEqual([{ name: 'MAX_UPLOD_BYTES', meant: 'MAX_UPLOAD_BYTES' }]);
});
