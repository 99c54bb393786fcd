import { builtInProfiles } from '@pixdock/contract/profile';
import { expect, it } from 'vitest';
import type { Caller } from '../keys/keyring.js';
import { uploadTarget } from './upload-target.js';

const TOKEN = {
  id: 'tok_1',
  expiresAt: '2027-01-31T00:00:00.000Z',
  profile: 'avatar',
  maxBytes: 200,
  deleteAfterSeconds: null,
  maxCount: 1,
  origins: null,
};

const targetOf = (metadata: Record<string, string>, token: Caller['token'] = null) =>
  uploadTarget(new Map(Object.entries(metadata)), token, { profiles: builtInProfiles() });

it('takes the options of an image, and ignores names that clients send with each file', () => {
  const options = { profile: 'compact', externalId: 'sku-1', 'metadata.brand': 'a', sha256: 'AB'.repeat(32) };
  const client = { filename: 'a/b.jpg', filetype: 'image/jpeg', relativePath: 'null', name: 'x', type: 'y' };
  expect(targetOf({ resource: 'image', ...options, ...client })).toEqual({
    resource: 'image',
    options: {
      profile: 'compact',
      externalId: 'sku-1',
      metadata: { brand: 'a' },
      sha256: 'ab'.repeat(32),
      deleteAfterSeconds: null,
      replace: false,
      webhookUrl: null,
    },
    filename: 'b.jpg',
    declaredType: 'image/jpeg',
  });
  expect(targetOf({})).toMatchObject({ resource: 'image', filename: null, declaredType: null });
});

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

it.each([
  ['the given type', { filetype: 'application/zip', filename: 'a.csv' }, 'application/zip'],
  ['a charset', { filetype: 'text/csv; charset=gbk', filename: 'a' }, 'text/csv; charset=gbk'],
  ['the name if no batch has the type', { filetype: 'application/x-csv', filename: 'a.CSV' }, 'text/csv'],
  ['the name without a type', { filename: 'a.jsonl' }, 'application/x-ndjson'],
  ['the name of a workbook', { filetype: 'application/octet-stream', filename: 'a.xlsx' }, WORKBOOK],
  ['the type of a workbook', { filetype: WORKBOOK, filename: 'a' }, WORKBOOK],
])('recognizes a batch by %s', (_, metadata, contentType) => {
  expect(targetOf({ resource: 'batch', ...metadata })).toEqual({
    resource: 'batch',
    contentType,
    profile: 'default',
    columns: null,
    sheet: null,
    name: null,
    filename: metadata.filename,
    deleteAfterSeconds: null,
    replace: false,
    webhookUrl: null,
    reuse: null,
  });
});

it('takes the options of a batch', () => {
  const options = {
    name: '春',
    profile: 'avatar',
    columns: '主图:url',
    sheet: '新品',
    webhookUrl: 'https://a.example/hook',
  };
  const given = { resource: 'batch', filetype: 'text/csv', reuse: 'url,content', ...options };
  expect(targetOf(given)).toMatchObject({ ...options, reuse: ['url', 'content'] });
});

it.each([
  [{ resource: 'video' }, '"video"'],
  [{ resource: 'batch' }, 'unsupported_media_type'],
  [{ resource: 'batch', filetype: 'multipart/form-data; boundary=x' }, 'unsupported_media_type'],
  [{ resource: 'batch', filetype: 'text/csv', externalId: 'x' }, '"externalId"'],
  [
    { resource: 'batch', filetype: 'text/csv', webhookUrl: 'a.example' },
    '`webhookUrl` is not an absolute URL',
  ],
  [{ resource: 'batch', filetype: 'text/csv', columns: 'nonsense' }, 'invalid_request'],
  [{ resource: 'batch', filetype: 'application/zip', columns: 'a:url' }, 'invalid_request'],
  [{ resource: 'batch', filetype: 'text/csv', profile: 'none' }, 'unknown_profile'],
  [{ profile: 'none' }, 'unknown_profile'],
  [{ external_id: 'x' }, 'externalId'],
  [{ sha256: 'x' }, 'sha256'],
  [{ filename: '../x' }, 'invalid_request'],
])('refuses %o', (metadata, reason) => {
  expect(() => targetOf(metadata)).toThrow(reason);
});

it('keeps the limits of an upload token', () => {
  expect(targetOf({}, TOKEN)).toMatchObject({ options: { profile: 'avatar' } });
  expect(() => targetOf({ profile: 'default' }, TOKEN)).toThrow('forbidden');
  expect(() => targetOf({ resource: 'batch', filetype: 'text/csv' }, TOKEN)).toThrow('forbidden');
});
