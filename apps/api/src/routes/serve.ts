import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { Handler } from 'hono';
import type { ApiEnv } from '../http/env.js';

/** A route that `createRoute` made. */
type DeclaredRoute<Path extends string> = RouteConfig & { getRoutingPath(): Path };

/** Declares a route in the OpenAPI document and handles its requests, which the handler reads itself. */
export function serve<Path extends string>(
  app: OpenAPIHono<ApiEnv>,
  route: DeclaredRoute<Path>,
  handle: Handler<ApiEnv, Path>,
): void {
  app.openAPIRegistry.registerPath(route);
  app.on(route.method, [route.getRoutingPath()], handle);
}
