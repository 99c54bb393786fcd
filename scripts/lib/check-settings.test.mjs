import { expect, test } from 'vitest';
import { lookalikes } from './check-settings.mjs';

const SETTINGS = ['MAX_UPLOAD_BYTES', 'REDIS_URL', 'PORT'];

test.each([
  'MAX_UPLOD_BYTES',
  'MAX_UPLAOD_BYTES',
  'MAX_UPLOADS_BYTES',
  'MAX_UPLOAD_BITES',
  'MAXUPLOAD_BYTES',
  'max_upload_bytes',
])('takes %s for MAX_UPLOAD_BYTES', (name) => {
  expect(lookalikes([name], SETTINGS)).toEqual([[name, 'MAX_UPLOAD_BYTES']]);
});

test('accepts settings, and names of other programs', () => {
  expect(lookalikes(['MAX_UPLOAD_BYTES', 'PORTS', 'MAX_BYTES', 'REDIS_HOST'], SETTINGS)).toEqual([]);
});
