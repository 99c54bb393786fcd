import { expect, test } from 'vitest';
import { testImage } from '../testing/image.js';
import { csvOf } from './csv-of.js';

const variant = (url: string) => ({
  url,
  key: '',
  width: 1,
  height: 1,
  bytes: 1,
  mediaType: 'image/webp',
  etag: '',
});

test('lists images with all variants, and without formulas', () => {
  const published = testImage({
    externalId: '=1+1',
    url: 'https://img/a.jpg',
    variants: { main: variant('https://img/a.jpg'), thumb: variant('https://img/t.webp') },
  });
  const detail = 'The file ends early, send it again.';
  const error = {
    code: 'image_truncated',
    title: '',
    retryable: false,
    type: '',
    status: 422,
    detail,
  } as const;
  const failed = testImage({ externalId: 'A,1', status: 'failed', error });
  const { id } = failed;
  expect(csvOf([published, failed])).toBe(
    '\ufeffexternalId,filename,id,status,url,thumb.url,code,reason\r\n' +
      `'=1+1,,${id},published,https://img/a.jpg,https://img/t.webp,,\r\n` +
      `"A,1",,${id},failed,,,image_truncated,"${detail}"\r\n`,
  );
});
