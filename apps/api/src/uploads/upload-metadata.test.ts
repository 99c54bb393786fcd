import { expect, it } from 'vitest';
import { parseUploadMetadata } from './upload-target.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');

it('reads names and their values', () => {
  const header = `filename ${base64('图 1.jpg')},metadata.brand ${base64('a,b c')}, empty ,none`;
  expect(Object.fromEntries(parseUploadMetadata(header))).toEqual({
    filename: '图 1.jpg',
    'metadata.brand': 'a,b c',
    empty: '',
    none: '',
  });
  expect(parseUploadMetadata(undefined).size).toBe(0);
  expect(parseUploadMetadata(' ').size).toBe(0);
});

it.each([
  ['a repeated name', 'a YQ==,a YQ=='],
  ['a name that is not ASCII', '名 YQ=='],
  ['a list with an empty member', 'a YQ==,,b YQ=='],
  ['a value that is not Base64', 'a %%%'],
  ['a value that is too short', 'a Y'],
  ['a value that is cut', 'a YWJjZ'],
  ['a value that is not UTF-8', 'a /w=='],
  ['two values', 'a YQ== YQ=='],
])('refuses %s', (_, header) => {
  expect(() => parseUploadMetadata(header)).toThrow('Upload-Metadata is not a list');
});
