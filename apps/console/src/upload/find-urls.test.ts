import { expect, test } from 'vitest';
import { findUrls } from './find-urls.js';

test('finds the URLs in any text, each once', () => {
  const text = `See https://a.example/1.jpg, and (http://b.example/2.png?w=1,2).
https://a.example/1.jpg\t"https://c.example/图.jpg"；https://d.example/4.webp、https://e.example/5.gif`;
  expect(findUrls(text)).toEqual({
    urls: [
      'https://a.example/1.jpg',
      'http://b.example/2.png?w=1,2',
      'https://c.example/图.jpg',
      'https://d.example/4.webp',
      'https://e.example/5.gif',
    ],
    repeated: 1,
  });
  expect(findUrls('nothing').urls).toEqual([]);
});
