import { expect, test } from 'vitest';
import { resolveAddress } from './address.js';

const cnames = new Map([['img.example.com', 'lab-bucket']]);

test.each([
  ['localhost:9010', '/b/k', 'b', 'k'],
  ['LOCALHOST', '/b/k/l%20m/', 'b', 'k/l m/'],
  ['localhost', '/b', 'b', undefined],
  ['localhost', '/b/', 'b', undefined],
  ['localhost', '/', undefined, undefined],
  ['localhost', '/b//k', 'b', '/k'],
  ['127.0.0.1:9010', '/b/k', 'b', 'k'],
  ['[::1]:9010', '/b/k', 'b', 'k'],
  ['b.localhost:9010', '/k/l', 'b', 'k/l'],
  ['b.localhost', '/', 'b', undefined],
  ['img.example.com:80', '/k/%E6%B5%8B', 'lab-bucket', 'k/测'],
  ['img.example.com', '/', 'lab-bucket', undefined],
])('resolves %s and %s to %s and %s', (host, path, bucket, key) => {
  expect(resolveAddress(host, path, cnames)).toEqual({ bucket, key });
});

test.each(['example.com', '', 'localhost.example.com', 'xlocalhost'])('rejects the host %j', (host) => {
  expect(() => resolveAddress(host, '/b/k', cnames)).toThrow(/No bucket is served/);
});
