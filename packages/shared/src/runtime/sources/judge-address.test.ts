import { expect, it } from 'vitest';
import { judgeAddress } from './judge-address.js';

const SETTINGS = { allow: new Set(['10.0.0.7:8080']), ports: new Set([80, 443]) };
const reasonOf = (url: string) => judgeAddress(url, null, SETTINGS).forbidden?.reason ?? null;

it.each([
  ['http://10.0.0.1/a.jpg', 'source-not-public'],
  ['http://127.0.0.1:3820/a.jpg', 'source-not-public'],
  ['http://localhost:3820/a.jpg', 'source-special-name'],
  ['http://2130706433/a.jpg', 'source-not-public'],
  ['http://[fd00::1]/a.jpg', 'source-not-public'],
  ['http://img.intranet/a.jpg', 'source-special-name'],
  ['http://example.com:22/a.jpg', 'source-port'],
  ['http://user@example.com/a.jpg', 'source-with-credentials'],
  ['ftp://example.com/a.jpg', 'source-not-http-url'],
  ['nowhere', 'source-not-a-url'],
])('forbids %s: %s', (url, reason) => {
  expect(reasonOf(url)).toBe(reason);
});

it.each(['http://example.com/a.jpg', 'https://93.184.216.34/', 'http://10.0.0.7:8080/a.jpg'])(
  'permits %s, as far as the URL tells',
  (url) => {
    expect(reasonOf(url)).toBeNull();
  },
);
