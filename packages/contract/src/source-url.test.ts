import { expect, it } from 'vitest';
import { SHOWN_URL_MAX, shownUrl } from './source-url.js';

it.each([
  ['https://a.cn/1.jpg', 'https://a.cn/1.jpg'],
  ['https://a.cn:8443/%E5%9B%BE/1.jpg?w=100&v=5f0c#top', 'https://a.cn:8443/%E5%9B%BE/1.jpg?w=100&v=5f0c'],
  ['https://user:secret@a.cn/1.jpg', 'https://a.cn/1.jpg'],
  ['https://a.cn/1.jpg?token=abc&size=2', 'https://a.cn/1.jpg?token=&size=2'],
  [
    'https://b.oss-cn-hangzhou.aliyuncs.com/1.jpg?OSSAccessKeyId=LTAI123&Expires=1&Signature=x%3D',
    'https://b.oss-cn-hangzhou.aliyuncs.com/1.jpg?OSSAccessKeyId=&Expires=1&Signature=',
  ],
  [
    'https://s3.example/1.jpg?X-Amz-Credential=A&X-Amz-Security-Token=B&X-Amz-Signature=C&X-Amz-Date=D',
    'https://s3.example/1.jpg?X-Amz-Credential=&X-Amz-Security-Token=&X-Amz-Signature=&X-Amz-Date=D',
  ],
  [
    'https://a.cn/1.jpg?access%5Ftoken=abc&api-key=1&pwd=2&si%67n=3&%70wd=4&%6Bey=5',
    'https://a.cn/1.jpg?access%5Ftoken=&api-key=&pwd=&si%67n=&%70wd=&%6Bey=',
  ],
  ['https://a.cn/1.jpg?q=eyJhbGciOi.eyJzdWIi.x&id=LTAI5tAbCdEfGhIj', 'https://a.cn/1.jpg?q=&id='],
  ['https://a.cn/1.jpg?keyword=red&monkey=1&author=li', 'https://a.cn/1.jpg?keyword=red&monkey=1&author=li'],
  [
    'https://a.cn/go?to=http%3A%2F%2Fb.cn%2F1.jpg%3Fw%3D1&u=http%3A%2F%2Fb.cn%2F%3Ftoken%3Dabc&v=https%3A%2F%2Fli%3Apw%40b.cn',
    'https://a.cn/go?to=http%3A%2F%2Fb.cn%2F1.jpg%3Fw%3D1&u=&v=',
  ],
  ['https://a.cn/1.jpg?%E0%A4%A&flag', 'https://a.cn/1.jpg?%E0%A4%A&flag'],
])('shows %s as %s', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});

it('cuts a long URL', () => {
  expect(shownUrl(`https://a.cn/${'x'.repeat(9000)}`)).toHaveLength(SHOWN_URL_MAX);
});

it('searches a few URLs within each other, and shows no deeper ones', () => {
  const nest = (times: number) => `https://a.cn/?u=${'https://b.cn/?u='.repeat(times)}`;
  expect(shownUrl(nest(3))).toBe(nest(3));
  expect(shownUrl(nest(4))).toBe('https://a.cn/?u=');
  const longest = nest(500);
  const begun = performance.now();
  for (let i = 0; i < 100; i++) shownUrl(longest);
  expect(performance.now() - begun).toBeLessThan(1000);
});
