import { afterEach, expect, it, vi } from 'vitest';
import { signForCdn } from './cdn-auth.js';

afterEach(() => vi.useRealTimers());

const URL_OF_EXAMPLE = 'http://cdn.example.com/video/standard/1K.html';
const KEY = 'aliyuncdnexp1234';

it('signs as in the example of the documentation', () => {
  vi.useFakeTimers({ now: 1_444_435_200_000 });
  const { url, expiresAt } = signForCdn(URL_OF_EXAMPLE, { key: KEY, ttlSeconds: 1800 }, 1800, '0');
  expect(url).toBe(`${URL_OF_EXAMPLE}?auth_key=1444435200-0-0-80cd3862d699b7118eed99103f2a3a4f`);
  expect(expiresAt).toEqual(new Date('2015-10-10T00:30:00Z'));
});

it('expires after the requested time, whatever the validity period of the domain is', () => {
  vi.useFakeTimers({ now: 1_444_435_200_999 });
  for (const [ttlSeconds, seconds] of [
    [1800, 10],
    [1800, 604_800],
    [60, 300],
  ] as const) {
    const { url, expiresAt } = signForCdn(URL_OF_EXAMPLE, { key: KEY, ttlSeconds }, seconds);
    const [, timestamp, rand] = /auth_key=(\d{10})-([0-9a-f]{32})-0-[0-9a-f]{32}$/.exec(url) ?? [];
    expect([Number(timestamp) + ttlSeconds, rand]).toEqual([1_444_435_200 + seconds, expect.any(String)]);
    expect(expiresAt.getTime()).toBe((1_444_435_200 + seconds) * 1000);
  }
});
