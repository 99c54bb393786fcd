import type { ApiContext } from './env.js';
import { etagOf } from './etag.js';

/** Of every answer that holds something owned and changing. */
export function setPrivateHeaders(c: ApiContext): void {
  c.header('Cache-Control', 'private, no-cache');
  c.header('Vary', 'Accept-Language, Authorization');
}

/** Of every answer that holds the state of an image or a batch. */
export function setStateHeaders(c: ApiContext, version: number): void {
  c.header('ETag', etagOf(version));
  setPrivateHeaders(c);
}
