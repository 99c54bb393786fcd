import { toProblem } from '@pixdock/contract/error';
import { type Image, imageSchema } from '@pixdock/contract/image';
import type { Language } from '@pixdock/contract/messages/text';
import { type ImageRecord, isOpen } from './image-record.js';
import { type StoredError, sayStoredError } from './stored-error.js';

/** The fields that an image has in common with its record. */
const COPIED = new Set(Object.keys(imageSchema.omit({ error: true, lastError: true }).shape));

/** A record as its owner sees it, without fields that another version stored and the contract does not declare. */
export function toImage(record: ImageRecord, language: Language): Image {
  const { error, lastError, nextAttemptAt } = record;
  // A worker of an older version ends an image without removing them.
  const retry = isOpen(record)
    ? { lastError: problemOf(lastError, language), nextAttemptAt }
    : { lastError: null, nextAttemptAt: null };
  const image: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) if (COPIED.has(name)) image[name] = value;
  return { ...(image as unknown as ImageRecord), ...retry, error: problemOf(error, language) };
}

function problemOf(error: StoredError | null, language: Language) {
  return error === null ? null : toProblem(error.code, sayStoredError(error, language), language);
}

/** Whether the image has a final status and no pending deletion, so that only a request can change it. */
export function isSettled(record: ImageRecord): boolean {
  const deleting = record.deleteRequestedAt !== null && record.status !== 'deleted';
  return !isOpen(record) && !deleting;
}

/** Whether the source is still to be fetched. */
export function needsSource({ source }: ImageRecord): boolean {
  return source.bytes === null;
}
