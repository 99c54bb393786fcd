import { expect, test } from 'vitest';
import { filterOf, requestOf } from './filter.js';

test('reads the filter of an address, and leaves out days that are none', () => {
  const query = new URLSearchParams('status=failed&code=image_truncated&since=2027-01-30&until=soon&page=2');
  expect(filterOf(query)).toEqual({ status: 'failed', code: 'image_truncated', since: '2027-01-30' });
});

test('asks for whole days of the browser', () => {
  const {
    since = '',
    until = '',
    code,
  } = requestOf({ since: '2027-01-31', until: '2027-01-31', code: 'canceled' });
  expect([new Date(since), new Date(until)]).toEqual([new Date(2027, 0, 31), new Date(2027, 1, 1)]);
  expect(code).toBe('canceled');
});
