import { expect, test } from 'vitest';
import { isSimilarName } from './similar-name.js';

test.each([
  'MAX_UPLOD_BYTES',
  'MAX_UPLAOD_BYTES',
  'MAX_UPLOADS_BYTES',
  'MAX_UPLOAD_BITES',
  'MAXUPLOAD_BYTES',
  'max-upload-bytes',
])('takes %s for MAX_UPLOAD_BYTES', (name) => {
  expect(isSimilarName(name, 'MAX_UPLOAD_BYTES')).toBe(true);
});

test.each(['MAX_BYTES', 'MAX_UPLOAD', 'UPLOAD_MAX_BYTES', ''])('tells %o from MAX_UPLOAD_BYTES', (name) => {
  expect(isSimilarName(name, 'MAX_UPLOAD_BYTES')).toBe(false);
});
