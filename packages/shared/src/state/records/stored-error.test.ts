import { ERROR_CODES } from '@pixdock/contract/error-table';
import { detailOf } from '@pixdock/contract/messages/detail';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { sayStoredError, storedError, storedErrorSchema } from './stored-error.js';

it('keeps the reason with its parameters, and the sentences for older versions', () => {
  expect(storedError('image_too_complex', detailOf('too-many-scans', { max: 9 }))).toEqual({
    code: 'image_too_complex',
    reason: 'too-many-scans',
    params: { max: 9 },
    detail: { en: 'This JPEG has more than 9 scans.', zh: '这张 JPEG 的扫描（scan）超过 9 个。' },
  });
});

it('renders a known reason when it is read', () => {
  const error = { ...storedError('canceled'), detail: { en: 'Old words.', zh: '旧。' } };
  expect(sayStoredError(error, 'en')).toBe('Submit it again if you still want it.');
});

it.each([
  { code: 'image_corrupt', detail: { en: 'Broken.', zh: '损坏。' } },
  {
    code: 'image_corrupt',
    detail: { en: 'Broken.', zh: '损坏。' },
    reason: 'of-a-newer-version',
    params: {},
  },
  {
    code: 'image_corrupt',
    detail: { en: 'Broken.', zh: '损坏。' },
    reason: 'too-many-scans',
    params: { max: {} },
  },
])('says an error of another version in its own words: %j', (stored) => {
  const error = storedErrorSchema.parse(stored);
  expect(sayStoredError(error, 'en')).toBe('Broken.');
  expect(sayStoredError(error, 'zh')).toBe('损坏。');
});

it('stores errors that version 0.1.0 reads', () => {
  const sentences = z.strictObject({ en: z.string(), zh: z.string() });
  const schema = z.object({ code: z.enum(ERROR_CODES), detail: sentences });
  const { code, detail } = storedError('canceled');
  expect(schema.parse(storedError('canceled'))).toEqual({ code, detail });
});
