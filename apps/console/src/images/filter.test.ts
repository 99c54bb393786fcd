import { expect, test } from 'vitest';
import { filterOf, requestsOf } from './filter.js';

test('reads the filter of an address, and leaves out days that are none', () => {
  const query = new URLSearchParams('status=failed&code=image_truncated&since=2027-01-30&until=soon&page=2');
  expect(filterOf(query)).toEqual({ status: 'failed', code: 'image_truncated', since: '2027-01-30' });
});

test('asks for whole days of the browser', () => {
  const [{ since = '', until = '', code } = {}] = requestsOf({
    since: '2027-01-31',
    until: '2027-01-31',
    code: 'canceled',
  });
  expect([new Date(since), new Date(until)]).toEqual([new Date(2027, 0, 31), new Date(2027, 1, 1)]);
  expect(code).toBe('canceled');
});

test.each(['0000-01-01', '0002-12-31', '0099-06-15', '1969-12-30'])(
  'asks for %s as a day before all images',
  (day) => {
    const epoch = new Date(0).toISOString();
    expect(requestsOf({ since: day, until: day })).toMatchObject([{ since: epoch, until: epoch }]);
  },
);

test.each(['2027-02-30', '2027-13-01', '2027-00-10'])('leaves out %s, which does not exist', (day) => {
  expect(filterOf(new URLSearchParams({ since: day, until: day }))).toEqual({});
});

test('searches by the beginning of the externalId, and then of the file name', () => {
  const filter = filterOf(new URLSearchParams({ search: 'sku-1', status: 'failed' }));
  expect(requestsOf(filter)).toMatchObject([
    { externalIdPrefix: 'sku-1', status: 'failed' },
    { filenamePrefix: 'sku-1', status: 'failed' },
  ]);
});
