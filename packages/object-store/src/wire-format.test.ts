import type { IncomingHttpHeaders } from 'node:http';
import { expect, it } from 'vitest';
import { toBytes } from './wire-format.js';

const FIVE = Buffer.from('01234');
const fromOss = { 'x-oss-request-id': '5F', 'content-length': '5' };
const response = (status: number, headers: IncomingHttpHeaders) => ({ status, headers, data: FIVE });

it.each([
  ['the whole range', { from: 3, to: 8 }, 'bytes 3-7/20'],
  ['a range that ends with the object', { from: 3, to: 9 }, 'bytes 3-7/8'],
])('accepts %s', (_name, range, contentRange) => {
  const ofRange = response(206, { ...fromOss, 'content-range': contentRange });
  expect(toBytes(ofRange, range)).toBe(FIVE);
});

it.each([
  ['the whole object instead of a range', 200, fromOss, { from: 0, to: 5 }],
  ['a range instead of the whole object', 206, { ...fromOss, 'content-range': 'bytes 0-4/20' }, null],
  ['another range', 206, { ...fromOss, 'content-range': 'bytes 4-8/20' }, { from: 3, to: 8 }],
  ['a part of the range', 206, { ...fromOss, 'content-range': 'bytes 3-7/20' }, { from: 3, to: 9 }],
  ['more bytes than it names', 206, { ...fromOss, 'content-range': 'bytes 3-6/7' }, { from: 3, to: 9 }],
  ['another length than it announced', 200, { ...fromOss, 'content-length': '6' }, null],
  ['no length', 200, { 'x-oss-request-id': '5F' }, null],
  ['no request id', 200, { 'content-length': '5' }, null],
])('rejects a response that has %s', (_name, status, headers, range) => {
  expect(() => toBytes(response(status, headers), range)).toThrow('NotFromOss');
});
