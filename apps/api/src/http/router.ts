import type { Router } from 'hono/router';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { TrieRouter } from 'hono/router/trie-router';

/**
 * A router for each method: Hono's fast one for GET, its slow one for the others, because the fast one does not support
 * `POST /v1/images/lookup` beside `POST /v1/images/:id/retry`. Such a pair of GET routes is an error at the first request.
 */
export function openRouter<T>(): Router<T> {
  const routes: Parameters<Router<T>['add']>[] = [];
  const routers = new Map<string, Router<T>>();

  function routerOf(method: string): Router<T> {
    const router: Router<T> = method === 'GET' ? new RegExpRouter() : new TrieRouter();
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
