import { expect, it } from 'vitest';
import { readSettings } from '../env.js';
import { SettingsError } from '../settings-error.js';
import { readSourceSettings } from './settings.js';

const read = (environment: Record<string, string>) => {
  const { allow, ports } = readSettings(environment, readSourceSettings);
  return { allow: [...allow], ports: [...ports] };
};

it('allows nothing, and the ports of the web, by default', () => {
  expect(read({})).toEqual({ allow: [], ports: [80, 443] });
});

it.each([
  ['img.intranet:8080', 'img.intranet:8080'],
  ['IMG.Intranet.:80', 'img.intranet:80'],
  ['img.intranet:443', 'img.intranet:443'],
  ['minio:9000', 'minio:9000'],
  ['my_host:80', 'my_host:80'],
  ['10.0.0.5:0080', '10.0.0.5:80'],
  ['167772165:80', '10.0.0.5:80'],
  ['[fd00:0::5]:80', '[fd00::5]:80'],
  ['图片.intranet:80', 'xn--nlq158o.intranet:80'],
])('spells the host of %s as a URL does', (entry, key) => {
  const [allowed] = read({ SOURCE_ALLOW: entry }).allow;
  expect(allowed).toBe(entry.startsWith('图') ? `${new URL('http://图片.intranet').hostname}:80` : key);
});

it('reads lists', () => {
  expect(read({ SOURCE_ALLOW: 'a:1, b:2', SOURCE_PORTS: '80, 8080' })).toEqual({
    allow: ['a:1', 'b:2'],
    ports: [80, 8080],
  });
});

it.each([
  'img.intranet',
  'img.intranet:',
  ':80',
  'img.intranet:0',
  'img.intranet:65536',
  'img.intranet:http',
  'http://img.intranet:80',
  'img.intranet/a:80',
  'user@img.intranet:80',
  'img.intranet?x:80',
  '*.intranet:80',
  '*:80',
  'fd00::5:80',
  '10.0.0.0/8:80',
  '300.0.0.1:80',
])('refuses %s, and says what to write', (entry) => {
  expect(() => read({ SOURCE_ALLOW: entry })).toThrow(SettingsError);
  expect(() => read({ SOURCE_ALLOW: entry })).toThrow(/SOURCE_ALLOW: .*\n\s+fix: /);
});

it('names every fault', () => {
  expect.assertions(1);
  try {
    read({ SOURCE_ALLOW: 'a,b', SOURCE_PORTS: '0,80,x' });
  } catch (error) {
    expect((error as SettingsError).faults).toHaveLength(4);
  }
});
