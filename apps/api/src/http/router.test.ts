import { UnsupportedPathError } from 'hono/router';
import { expect, it } from 'vitest';
import { openRouter } from './router.js';

function open() {
  const router = openRouter<string>();
  router.add('ALL', '/v1/*', 'check');
  router.add('GET', '/v1/images/:id', 'read');
  router.add('POST', '/v1/images/:id/retry', 'retry');
  router.add('POST', '/v1/images/lookup', 'look up');
  return router;
}

const found = (router: ReturnType<typeof open>, method: string, path: string) =>
  router.match(method, path)[0].map(([handler]) => handler);

it('finds the routes of a method, in their order', () => {
  const router = open();
  expect(found(router, 'GET', '/v1/images/1')).toEqual(['check', 'read']);
  expect(found(router, 'POST', '/v1/images/1/retry')).toEqual(['check', 'retry']);
  expect(found(router, 'POST', '/v1/images/lookup')).toEqual(['check', 'look up']);
  expect(found(router, 'PUT', '/v1/images/1')).toEqual(['check']);
  expect(found(router, 'GET', '/elsewhere')).toEqual([]);
});

it('finds a route that was added after the first request', () => {
  const router = open();
  found(router, 'GET', '/v1/images/1');
  router.add('GET', '/v1/batches', 'list');
  expect(found(router, 'GET', '/v1/batches')).toEqual(['check', 'list']);
});

it('refuses GET routes that would need the slow router', () => {
  const router = open();
  router.add('GET', '/v1/images/latest', 'latest');
  expect(() => router.match('GET', '/v1/images/1')).toThrow(UnsupportedPathError);
});
