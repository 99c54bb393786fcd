import type { ApiContext } from './env.js';

export const hasQuery = (c: ApiContext): boolean => c.req.url.includes('?');

/** The values of each parameter. Hono's `queries` takes longer to find out that there are none. */
export const queryOf = (c: ApiContext): Record<string, string[]> => (hasQuery(c) ? c.req.queries() : {});
