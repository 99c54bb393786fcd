import type { Router } from 'hono/router';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { SmartRouter } from 'hono/router/smart-router';
import { TrieRouter } from 'hono/router/trie-router';

/**
 * A router for each method. With one for all, Hono would use its slow router everywhere, because its fast one does not support
 * `POST /v1/images/lookup` beside `POST /v1/images/:id/retry`.
 */
export function openRouter<T>(): Router<T> {
  const routes: Parameters<Router<T>['add']>[] = [];
  const routers = new Map<string, Router<T>>();

  function routerOf(method: string): Router<T> {
    const router = new SmartRouter<T>({ routers: [new RegExpRouter(), new TrieRouter()] });
    for (const route of routes) if (route[0] === method || route[0] === 'ALL') router.add(...route);
    routers.set(method, router);
    return router;
  }

  return {
    name: 'router of each method',
    add(...route) {
      routes.push(route);
      routers.clear();
    },
    match: (method, path) => (routers.get(method) ?? routerOf(method)).match(method, path),
  };
}
