import type { ApiContext } from './env.js';

const NONE: Record<string, string[]> = {};

/** The values of each parameter. Hono's `queries` takes longer to find out that there are none. */
export const queryOf = (c: ApiContext): Record<string, string[]> =>
  c.req.url.includes('?') ? c.req.queries() : NONE;
