import { expect, it } from 'vitest';
import { PixdockApiError } from '../error.js';
import { createRetries, readRetryAfter, retryDelay } from './retry.js';

it('doubles the pause each time, with jitter and an upper bound', () => {
  for (let tries = 1; tries <= 12; tries++) {
    const most = Math.min(20_000, 500 * 2 ** (tries - 1));
    const delay = retryDelay(tries, undefined);
    expect(delay).toBeGreaterThanOrEqual(most / 2);
    expect(delay).toBeLessThanOrEqual(most);
  }
});

it('never retries before the requested time', () => {
  for (let n = 0; n < 50; n++) expect(retryDelay(1, 3)).toBeGreaterThanOrEqual(3000);
});

it('reads Retry-After as a number or a date', () => {
  expect(readRetryAfter(new Headers({ 'Retry-After': '7' }))).toBe(7);
  const date = new Date(Date.now() + 60_000).toUTCString();
  expect(readRetryAfter(new Headers({ 'Retry-After': date }))).toBeGreaterThan(55);
  expect(readRetryAfter(new Headers({ 'Retry-After': 'soon' }))).toBeUndefined();
  expect(readRetryAfter(new Headers())).toBeUndefined();
});

it('waits a minute for another request with its key without using up its tries', () => {
  const said = { title: '', detail: '', retryable: true };
  const busy = new PixdockApiError({ ...said, code: 'rate_limited', status: 429, retryAfterSeconds: 100 });
  const claimed = new PixdockApiError({
    ...said,
    code: 'idempotency_in_progress',
    status: 409,
    retryAfterSeconds: 1,
  });
  const retries = createRetries(1);
  expect(retries.delayAfter(busy)).not.toBeNull();
  let waitedMs = 0;
  let count = 0;
  for (let ms = retries.delayAfter(claimed); ms !== null; ms = retries.delayAfter(claimed)) {
    waitedMs += ms;
    count++;
  }
  expect(waitedMs).toBeGreaterThan(55_000);
  expect(waitedMs).toBeLessThan(65_000);
  expect(count).toBeGreaterThan(40);
  expect(createRetries(0).delayAfter(claimed)).toBeNull();
});
