import type { ApiContext } from './env.js';
import { etagOf } from './etag.js';

/** Sets the headers of every response with an owner's data. */
export function setPrivateHeaders(c: ApiContext): void {
  c.header('Cache-Control', 'private, no-cache');
  c.header('Vary', 'Accept-Language, Authorization');
}

/** Sets the headers of every response with the state of an image or a batch. */
export function setStateHeaders(c: ApiContext, version: number): void {
  c.header('ETag', etagOf(version));
  setPrivateHeaders(c);
}
