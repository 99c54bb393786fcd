import { generateKey } from '@pixdock/shared/state/keys/key-file';
import { expect, it } from 'vitest';
import { keyOfPair } from './api-key.js';
import { keyIdOf, makeUploadToken, verifyUploadToken } from './upload-token.js';

const KEY = keyOfPair('acme', generateKey());
const RIGHTS = {
  id: 'tok_1',
  expiresAt: '2027-01-31T00:00:00.000Z',
  profile: 'avatar',
  maxBytes: 1000,
  deleteAfterSeconds: null,
  maxCount: 1,
  origins: ['https://shop.example.com'],
};
const TOKEN = makeUploadToken(KEY, RIGHTS);
const [HEAD = '', PAYLOAD = '', SIGNATURE = ''] = TOKEN.split('.');

const withRights = (changes: object) => {
  const payload = Buffer.from(JSON.stringify({ ...RIGHTS, ...changes })).toString('base64url');
  return `${HEAD}.${payload}.${SIGNATURE}`;
};

it('contains its rights, which its key verifies', () => {
  expect(keyIdOf(TOKEN)).toBe(KEY.id);
  expect(verifyUploadToken(KEY, TOKEN)).toEqual(RIGHTS);
  expect(TOKEN.length).toBeLessThan(500);
});

it.each([
  ['a later expiry', withRights({ expiresAt: '2037-01-31T00:00:00.000Z' })],
  ['a higher count', withRights({ deleteAfterSeconds: null, maxCount: 1000 })],
  ['the id of another token', withRights({ id: 'tok_2' })],
  ['no origins', withRights({ origins: null })],
  ['another payload', `${HEAD}.e30.${SIGNATURE}`],
  ['the signature of nothing', `${HEAD}.${PAYLOAD}.${'A'.repeat(43)}`],
  ['a cut signature', TOKEN.slice(0, -1)],
  ['no signature', `${HEAD}.${PAYLOAD}.`],
])('is void with %s', (_, token) => {
  expect(keyIdOf(token) === null || verifyUploadToken(KEY, token) === null).toBe(true);
});

it('is void with another key, also of the same owner and under the same id', () => {
  const other = { ...keyOfPair('acme', generateKey()), id: KEY.id };
  expect(verifyUploadToken(other, TOKEN)).toBeNull();
});

it.each(['', 'pxt_', 'pxd_key', `pxt_${'x'.repeat(300)}`, `${TOKEN}.more`, `x${TOKEN}`])(
  'is not %j',
  (text) => {
    expect(keyIdOf(text)).toBeNull();
  },
);
