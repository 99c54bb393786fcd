import type { ApiContext } from './env.js';
import { etagOf } from './etag.js';

/** Sets the headers of every response with an owner's data. */
export function setPrivateHeaders(c: ApiContext): void {
  for (const [name, value] of Object.entries(PRIVATE)) c.header(name, value);
}

const PRIVATE = { 'Cache-Control': 'private, no-cache', Vary: 'Accept-Language, Authorization' };

/** Sets the headers of every response with the state of an image or a batch. */
export function setStateHeaders(c: ApiContext, version: number): void {
  for (const [name, value] of Object.entries(stateHeaders(version))) c.header(name, value);
}

export const stateHeaders = (version: number) => ({ ETag: etagOf(version), ...PRIVATE });
