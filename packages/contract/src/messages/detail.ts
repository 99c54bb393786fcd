import type { ErrorCode } from '../error-table.js';
import { batchMessages } from './batches.js';
import { type Arguments, type Catalog, catalog, sayIn } from './catalog.js';
import { csvMessages } from './csv.js';
import { imageErrors } from './errors/image.js';
import { requestErrors } from './errors/request.js';
import { serviceErrors } from './errors/service.js';
import { fieldMessages } from './fields.js';
import { formMessages } from './forms.js';
import { imageMessages } from './images.js';
import { keyMessages } from './keys.js';
import { limitMessages, ownerLimitMessages } from './limits.js';
import type { NamedPlace, Place } from './place.js';
import { refusedFileMessages } from './refused-files.js';
import { requestMessages } from './requests.js';
import { reviewMessages } from './reviews.js';
import { rowMessages } from './rows.js';
import { signingMessages } from './signing.js';
import { sourceMessages } from './sources.js';
import { spaceMessages } from './space.js';
import type { Language, Text } from './text.js';
import { uploadMessages } from './uploads.js';
import { printable, printableItems } from './values.js';
import { webhookMessages } from './webhooks.js';
import { workbookMessages } from './workbook.js';

const messages = catalog({
  ...requestErrors,
  ...imageErrors,
  ...serviceErrors,
  ...requestMessages,
  ...keyMessages,
  ...fieldMessages,
  ...formMessages,
  ...rowMessages,
  ...batchMessages,
  ...csvMessages,
  ...workbookMessages,
  ...limitMessages,
  ...ownerLimitMessages,
  ...imageMessages,
  ...reviewMessages,
  ...signingMessages,
  ...refusedFileMessages,
  ...sourceMessages,
  ...webhookMessages,
  ...uploadMessages,
  ...spaceMessages,
});

export type ReasonParams = typeof messages extends Catalog<infer Params> ? Params : never;
export type Reason = keyof ReasonParams;
export type FieldReason = keyof typeof fieldMessages;
export type RowReason = FieldReason | keyof typeof rowMessages;

const say = sayIn<ReasonParams>(messages);
const REASONS = new Set(Object.keys(messages));

/**
 * A sentence of the catalog by its reason, without its language: it is rendered when it is read. Stored details outlive
 * a deployment, so a reason whose parameters change gets another name.
 */
export interface Detail {
  reason: Reason;
  params: Record<string, string | number | string[]>;
}

/** Whether this version has a sentence for the reason. */
export const isReason = (reason: unknown): reason is Reason =>
  typeof reason === 'string' && REASONS.has(reason);

/** Cuts long texts and lists, so that a detail stays small where it is stored. */
export function detailOf<R extends Reason>(reason: R, ...[params = {}]: Arguments<ReasonParams, R>): Detail {
  return { reason, params: boundedAll(params as object) };
}

function boundedAll(params: object): Detail['params'] {
  const known = Object.entries(params).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, bounded(value)]));
}

function bounded(value: unknown): string | number | string[] {
  if (Array.isArray(value)) return printableItems(value.map(String));
  return typeof value === 'number' ? value : printable(String(value));
}

/** Adds the place of a value, and its name, to its problem. */
export function locate({ reason, params }: Detail, place: Place & NamedPlace): Detail {
  return { reason, params: { ...boundedAll(place), ...params } };
}

/** The recommended action of a code, where nothing more specific is known. */
export function fixOf(code: ErrorCode): Detail {
  return { reason: `${code}.fix`, params: {} };
}

export function sayDetail(language: Language, { reason, params }: Detail): string {
  return (say as (language: Language, reason: Reason, params: unknown) => string)(language, reason, params);
}

export function detailText(detail: Detail): Text {
  return { en: sayDetail('en', detail), zh: sayDetail('zh', detail) };
}

export function titleOf(code: ErrorCode, language: Language): string {
  return say(language, `${code}.title`);
}
