import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { ApiEnv } from './env.js';

/** The declared routes of a path, for all methods. */
export function routesAt(app: OpenAPIHono<ApiEnv>, path: string): RouteConfig[] {
  return app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' && matches(definition.route.path, path) ? [definition.route] : [],
  );
}

function matches(template: string, path: string): boolean {
  const parts = template.split('/');
  const given = path.split('/');
  return (
    parts.length === given.length &&
    parts.every((part, i) => (part.startsWith('{') ? given[i] !== '' : part === given[i]))
  );
}
