import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import { isSimilarName } from '@pixdock/contract/similar-name';
import type { ApiEnv } from './env.js';

/** The declared routes of a path, for all methods. A name such as `preview` in the place of an id has only its own. */
export function routesAt(app: OpenAPIHono<ApiEnv>, path: string): RouteConfig[] {
  const routes = app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' && matches(definition.route.path, path) ? [definition.route] : [],
  );
  const named = routes.filter((route) => route.path === path);
  return named.length > 0 ? named : routes;
}

/** The query parameters that a call declares. */
export function queryNamesOf(app: OpenAPIHono<ApiEnv>, method: string, path: string): string[] {
  const declared = method === 'HEAD' ? 'get' : method.toLowerCase();
  const query = routesAt(app, path).find((route) => route.method === declared)?.request?.query;
  return query !== undefined && 'shape' in query ? Object.keys(query.shape) : [];
}

/** The path of a call that an unknown path probably means; null if there is none. */
export function meantPath(app: OpenAPIHono<ApiEnv>, path: string): string | null {
  const plain = path.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '');
  const templates = app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [definition.route.path.split('/')] : [],
  );
  const renamed = RENAMED.reduce((at, [other, ours]) => at.replace(other, ours), plain);
  const candidates = [plain, `/v1${plain}`, renamed, `/v1${renamed}`];
  for (const given of candidates.map((candidate) => candidate.split('/')))
    for (const parts of templates) {
      const isMeant = (part: string, i: number) =>
        part.startsWith('{') ? given[i] !== '' : part === given[i] || isSimilarName(part, given[i] ?? '');
      if (parts.length === given.length && parts.length > 2 && parts.every(isMeant))
        return parts.map((part, i) => (part.startsWith('{') ? given[i] : part)).join('/');
    }
  return null;
}

/** Parts of paths of other services, and ours. */
const RENAMED: readonly [RegExp, string][] = [
  [/^\/api(?=\/)/, ''],
  [/^(\/v1)?\/batch(?=\/|$)/, '$1/batches'],
  [/^(\/v1)?\/webhooks?$/, '$1/webhooks/endpoints'],
  [/\/(?:status|state)$/, ''],
  [/\/report(?:\.\w+)?$/, '/report.csv'],
];

function matches(template: string, path: string): boolean {
  const parts = template.split('/');
  const given = path.split('/');
  return (
    parts.length === given.length &&
    parts.every((part, i) => (part.startsWith('{') ? given[i] !== '' : part === given[i]))
  );
}
