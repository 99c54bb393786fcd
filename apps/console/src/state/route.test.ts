import { expect, test } from 'vitest';
import { parseRoute } from './route.js';

test.each([
  ['', '', null, ''],
  ['#/', '', null, ''],
  ['#/images?status=failed', 'images', null, 'status=failed'],
  ['#/images/img_1', 'images', 'img_1', ''],
])('reads the address %j', (hash, view, id, query) => {
  const route = parseRoute(hash);
  expect([route.view, route.id, route.query.toString()]).toEqual([view, id, query]);
});
