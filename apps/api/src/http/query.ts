import type { z } from 'zod';
import type { ApiContext } from './env.js';
import { invalidParameter } from './invalid.js';

const hasQuery = (c: ApiContext): boolean => c.req.url.includes('?');

/** The values of each parameter. Hono's `queries` takes longer to find out that there are none. */
export const queryOf = (c: ApiContext): Record<string, string[]> => (hasQuery(c) ? c.req.queries() : {});

/** The query of a route whose body is not read by its schema. @throws PixdockError invalid_request */
export function readQuery<S extends z.ZodObject>(c: ApiContext, schema: S): z.output<S> {
  const query = queryOf(c);
  const values = Object.entries(query).map(([name, all]) => [name, all.length === 1 ? all[0] : all]);
  const parsed = schema.safeParse(Object.fromEntries(values));
  if (!parsed.success) throw invalidParameter(parsed.error, query, Object.keys(schema.shape));
  return parsed.data;
}
