import { detailOf } from '@pixdock/contract/messages/detail';
import { expect, it } from 'vitest';
import { sayStoredError, storedError, storedErrorSchema } from './stored-error.js';

it('keeps the reason with its parameters, and renders it when it is read', () => {
  const error = storedError('image_too_complex', detailOf('too-many-scans', { max: 9 }));
  expect(error).toEqual({ code: 'image_too_complex', reason: 'too-many-scans', params: { max: 9 } });
  expect(sayStoredError(error, 'en')).toBe('This JPEG has more than 9 scans.');
  expect(sayStoredError(error, 'zh')).toBe('这张 JPEG 的扫描（scan）超过 9 个。');
});

it.each([
  { code: 'canceled', reason: 'of-a-newer-version', params: {} },
  { code: 'canceled', reason: 'too-many-scans', params: { max: {} } },
])('says what to do about an error of a newer version: %j', (stored) => {
  const error = storedErrorSchema.parse(stored);
  expect(sayStoredError(error, 'en')).toBe('Submit it again if you still want it.');
});
