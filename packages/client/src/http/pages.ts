import type { Call, Transport } from './transport.js';

const PAGE_SIZE = 100;

/** Yields every item of a list; reads pages on demand. */
export async function* pages<T>(
  transport: Transport,
  path: string,
  query: Call['query'] = {},
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await transport.read<{ items: T[]; next?: string }>({
      method: 'GET',
      path,
      query: { limit: PAGE_SIZE, ...query, cursor },
      signal,
    });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
