import type { Scope } from '@pixdock/contract/scope';
import { signal } from '@preact/signals';

/** A view of the page, with the id and the query of its address. */
export interface Route {
  view: string;
  id: string | null;
  query: URLSearchParams;
}

export const route = signal<Route>(parseRoute(''));

/** Follows the fragment of the address. */
export function followRoute(): void {
  const read = () => {
    route.value = parseRoute(location.hash);
  };
  addEventListener('hashchange', read);
  read();
}

/** The address of a view: `#/images/img_…`. */
export const addressOf = (path: string) => `#/${path}`;

/** @param replaces whether nobody wants to go back to the address before */
export function navigate(path: string, replaces = false): void {
  if (replaces) location.replace(addressOf(path));
  else location.hash = addressOf(path);
}

/** Reads `#/view/id?query`. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [view = '', id = ''] = path.split('/');
  return { view, id: id === '' ? null : decodeURIComponent(id), query: new URLSearchParams(query) };
}

/** The scope without which a view shows nothing. */
export const SCOPE_OF_VIEW = {
  '': 'submit',
  import: 'submit',
  images: 'read',
  batches: 'read',
  review: 'review',
  operator: 'admin',
} as const satisfies Record<string, Scope>;
