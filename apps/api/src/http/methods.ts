import type { OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/shared/errors';
import type { ApiContext, ApiEnv } from './env.js';

/** 405 with Allow where the path exists for other methods, else 404: from the routes as they were declared. */
export function noSuchRoute(app: OpenAPIHono<ApiEnv>) {
  return (c: ApiContext): never => {
    const methods = app.openAPIRegistry.definitions.flatMap((definition) =>
      definition.type === 'route' && matches(definition.route.path, c.req.path)
        ? [definition.route.method.toUpperCase()]
        : [],
    );
    if (methods.length === 0) throw new PixdockError('not_found');
    if (methods.includes('GET')) methods.push('HEAD');
    c.header('Allow', methods.join(', '));
    throw new PixdockError('method_not_allowed');
  };
}

function matches(template: string, path: string): boolean {
  const parts = template.split('/');
  const given = path.split('/');
  return (
    parts.length === given.length &&
    parts.every((part, i) => (part.startsWith('{') ? given[i] !== '' : part === given[i]))
  );
}
