import { isSettled } from '@pixdock/contract/status';
import type { StoredResponse } from '@pixdock/shared/state/idempotency/stored-claim';
import type { ReadyImage } from '@pixdock/shared/state/images/document';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { sayStoredError } from '@pixdock/shared/state/images/stored-error';
import { toImage } from '@pixdock/shared/state/images/view';
import type { Backlog } from '../backlog.js';
import type { Parts } from '../deps.js';
import type { ApiContext } from './env.js';
import { matchesEtag } from './etag.js';
import { languageOf } from './language.js';
import { respondPlainly } from './plain-headers.js';
import { problemOf } from './problem.js';
import type { Resource } from './resource.js';
import { setStateHeaders, stateHeaders } from './state-headers.js';
import { type Warning, warningsIn } from './warnings.js';

// A worker lane finishes at most about 8 images per second.
const IMAGES_PER_SECOND = 8;
const LONGEST_RETRY_AFTER_SECONDS = 60;

/** Sets the headers of every response with an image. */
export async function setImageHeaders(
  c: ApiContext,
  { backlog }: Parts<'backlog'>,
  record: ImageRecord,
): Promise<void> {
  setStateHeaders(c, record.version);
  if (!isSettled(record)) c.header('Retry-After', await retryAfter(backlog, record.owner));
}

/** The seconds after which a client should read an image again that is not final. */
async function retryAfter(backlog: Backlog, owner: string): Promise<string> {
  // Respond with the image even if the backlog is unknown.
  const waiting = await backlog.sizeFor(owner).catch(() => 0);
  return String(Math.min(LONGEST_RETRY_AFTER_SECONDS, 1 + Math.floor(waiting / IMAGES_PER_SECOND)));
}

/** Responds to a poll with the JSON that Redis has, or with a 304. */
export async function respondReady(
  c: ApiContext,
  { backlog }: Parts<'backlog'>,
  image: ReadyImage,
): Promise<Response> {
  const { owner, version, isSettled: isEnd } = image;
  const headers: Record<string, string> = stateHeaders(version);
  if (!isEnd) headers['Retry-After'] = await retryAfter(backlog, owner);
  if (matchesEtag(c.req.header('If-None-Match'), version)) return respondPlainly(c, null, 304, headers);
  headers['Content-Type'] = 'application/json';
  return respondPlainly(c, image.json(), 200, headers);
}

/** Responds with the image in the caller's language, and its headers. */
export async function respondWithImage(
  c: ApiContext,
  deps: Parts<'backlog'>,
  record: ImageRecord,
  status: 200 | 201 | 202,
): Promise<Response> {
  await setImageHeaders(c, deps, record);
  return c.json(toImage(record, languageOf(c)), status);
}

export const locationOf = (id: string) => `/v1/images/${id}`;

/** How images are created and waited for. */
export function imageResource(deps: Parts<'backlog' | 'shares' | 'waits'>): Resource<ImageRecord> {
  return {
    locationOf,
    isSettled,
    waits: deps.waits.images,
    shares: deps.shares,
    setHeaders: (c, record) => setImageHeaders(c, deps, record),
    compose,
  };
}

function compose(c: ApiContext, record: ImageRecord, warnings: readonly Warning[]): StoredResponse {
  const language = languageOf(c);
  const image = toImage(record, language);
  const members = warningsIn(language, warnings);
  if (record.status !== 'failed')
    return {
      status: record.status === 'published' ? 201 : 202,
      body: JSON.stringify({ ...image, ...members }),
    };
  const detail = sayStoredError(record.error, language);
  return {
    status: 422,
    body: JSON.stringify(problemOf(c, record.error.code, detail, { status: 422, image, ...members })),
    language,
  };
}
