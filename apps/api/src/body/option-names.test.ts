import { expect, it } from 'vitest';
import { isOption, meantOption } from './options.js';

it.each([
  ['externalID', 'externalId'],
  ['external_id', 'externalId'],
  ['external-id', 'externalId'],
  ['EXTERNALID', 'externalId'],
  ['externalIds', 'externalId'],
  ['externaId', 'externalId'],
  ['extermalId', 'externalId'],
  ['externalId[]', 'externalId'],
  ['Profile', 'profile'],
  ['profil', 'profile'],
  ['meta-data', 'metadata'],
  ['metadata.', 'metadata'],
  ['Metadata.colour', 'metadata.colour'],
  ['metadata[colour]', 'metadata.colour'],
  ['sha_256', 'sha256'],
  ['SHA-256', 'sha256'],
  ['webhookURL', 'webhookUrl'],
])('takes %s for %s', (name, meant) => {
  expect(meantOption(name)).toBe(meant);
});

it.each([
  '',
  'file',
  'files[]',
  'file[0]',
  'name',
  'type',
  'colour',
  'id',
  'externalName',
  'sha1',
  'x'.repeat(100),
])('takes %s for no option', (name) => {
  expect(meantOption(name)).toBeNull();
  expect(isOption(name)).toBe(false);
});

it.each(['profile', 'externalId', 'metadata', 'sha256', 'metadata.a', 'metadata.a.b', 'webhookUrl', 'url'])(
  'knows %s',
  (name) => expect(isOption(name)).toBe(true),
);
