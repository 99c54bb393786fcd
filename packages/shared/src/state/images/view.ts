import { toProblem } from '@pixdock/contract/error';
import { type Image, imageSchema } from '@pixdock/contract/image';
import type { Language } from '@pixdock/contract/messages/text';
import type { ImageRecord } from './image-record.js';
import { type StoredError, sayStoredError } from './stored-error.js';

const FIELDS = new Set(Object.keys(imageSchema.shape));

/** A record as its owner sees it, without fields that another version stored and the contract does not declare. */
export function toImage(record: ImageRecord, language: Language): Image {
  const { internal: _, error, lastError, ...common } = record;
  const image = {
    ...common,
    lastError: problemOf(lastError, language),
    error: problemOf(error, language),
  };
  for (const name of Object.keys(image)) if (!FIELDS.has(name)) Reflect.deleteProperty(image, name);
  return image;
}

function problemOf(error: StoredError | null, language: Language) {
  return error === null ? null : toProblem(error.code, sayStoredError(error, language), language);
}
