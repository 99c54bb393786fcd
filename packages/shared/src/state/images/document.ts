import { imageSchema } from '@pixdock/contract/image';
import { isOpenStatus, type Status } from '@pixdock/contract/status';
import { abbreviate, unabbreviate } from './abbreviate.js';
import { type ImageRecord, newInternal, recordSchema } from './image-record.js';
import { toImage } from './view.js';

/** An image that Redis has. */
export interface StoredImage {
  /** The image as the API sends it; null if it must be composed. */
  ready: ReadyImage | null;
  record: () => ImageRecord;
}

/** An image without sentences in a language and without a pending deletion. */
export interface ReadyImage {
  owner: string;
  version: number;
  isSettled: boolean;
  json(): string;
}

/**
 * Names the schema of an image, because a version with other fields must not send the JSON of this one. Raise it when the
 * schema changes, as its test says.
 */
export const FORM = 5;
/** Strings in the JSON cannot contain this, because their quotes are escaped. */
const BEFORE_INTERNAL = `,"ready":${FORM},"internal":{`;

/**
 * Formats a record for Redis. If the API can send the stored image unchanged, its JSON comes first and the internal fields last,
 * because parsing, checking and composing an image costs more than the rest of a poll.
 */
export function formatDocument(record: ImageRecord): string {
  const internal = withoutDefaults(record.internal);
  if (!isReady(record)) return abbreviate(JSON.stringify({ ...record, internal }));
  const image = JSON.stringify(toImage(inOrder(record), 'en'));
  return abbreviate(`${image.slice(0, -1)}${BEFORE_INTERNAL}${JSON.stringify(internal).slice(1)}}`);
}

/** The defaults of the internal fields, which most waiting images have: they would take a seventh of a document. */
const DEFAULTS = new Map(
  Object.entries(newInternal(null)).map(([name, value]) => [name, JSON.stringify(value)]),
);
// It has no default.
DEFAULTS.delete('declaredType');

const withoutDefaults = (internal: ImageRecord['internal']) =>
  Object.fromEntries(
    Object.entries(internal).filter(([name, value]) => DEFAULTS.get(name) !== JSON.stringify(value)),
  );

const FIELDS = [...Object.keys(imageSchema.shape), 'internal'];

const ORDER = Object.fromEntries(FIELDS.map((name) => [name, undefined]));

/** The fields in the order in which a parsed record has them. */
const inOrder = (record: ImageRecord): ImageRecord => ({ ...ORDER, ...record });

function isReady(record: ImageRecord): boolean {
  const { error, lastError, deleteRequestedAt } = record;
  if (error !== null || lastError !== null || deleteRequestedAt !== null) return false;
  // Fields of a newer version are kept, and not sent.
  return Object.keys(record).every((name) => FIELDS.includes(name));
}

export function storedImage(document: string): StoredImage {
  const json = unabbreviate(document);
  return { ready: json === null ? null : readyImage(json), record: () => parse(json ?? document) };
}

function parse(json: string): ImageRecord {
  const { ready: _, ...record } = JSON.parse(json);
  return recordSchema.parse(record);
}

/** The first fields of an image. */
const HEAD =
  /^\{"id":"img_[0-9a-f]{32}","status":"([a-z]+)","stage":"[a-z]+","version":(\d+),"run":\d+,"attempts":\d+,"owner":"([\w.-]+)"/;

function readyImage(document: string): ReadyImage | null {
  const end = document.lastIndexOf(BEFORE_INTERNAL);
  if (end === -1) return null;
  const [, status, version, owner] = HEAD.exec(document) ?? [];
  if (owner === undefined) return null;
  return {
    owner,
    version: Number(version),
    // A ready image has no pending deletion.
    isSettled: !isOpenStatus(status as Status),
    json: () => `${document.slice(0, end)}}`,
  };
}
