import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import type { TypedResponse } from 'hono';
import type { ApiContext } from './env.js';

/**
 * Responds with a list that is serialized in time slices: a look-up may find a thousand images of 3 KB each.
 * @param next cursor of the next page; null at the end
 */
export async function respondWithItems<T, V>(
  c: ApiContext,
  items: readonly T[],
  toView: (item: T) => V,
  next: string | null = null,
): Promise<TypedResponse<{ items: V[]; next?: string }, 200, 'json'>> {
  const texts: string[] = [];
  for (const item of items) {
    if (isSliceOver()) await nextSlice();
    texts.push(JSON.stringify(toView(item)));
  }
  const end = next === null ? '' : `,"next":${JSON.stringify(next)}`;
  c.header('Content-Type', 'application/json');
  const response: unknown = c.body(`{"items":[${texts.join()}]${end}}`, 200);
  return response as TypedResponse<{ items: V[]; next?: string }, 200, 'json'>;
}
