import { splitPairs } from '@pixdock/contract/sheet/column-pairs';
import { keyOfMetadataColumn } from '@pixdock/contract/sheet/metadata-column';
import { URL_CELL } from '@pixdock/contract/sheet/url-cell';
import { isSimilarName } from '@pixdock/contract/similar-name';
import { ignoredColumn } from '../body/ignored-field.js';
import { invalid } from '../http/invalid.js';
import type { Warning } from '../http/warnings.js';

const FIELDS = ['url', 'externalId', 'profile', 'metadata', 'sha256', 'deleteAfterSeconds'] as const;
const METADATA_PREFIX = 'metadata.';

/** Headers that an error lists, and columns that warnings name. */
const MAX_LISTED = 20;

/** Shop systems write some hundreds. Each item has a cell for each column, and each line of the report also the names. */
export const MAX_COLUMNS = 1000;

/** A field of an item, or `metadata.KEY`. */
export type Field = (typeof FIELDS)[number] | `metadata.${string}`;
/** Fields by the header of their column. */
export type Mapping = ReadonlyMap<string, Field>;

/**
 * Reads `Picture:url,Number:externalId,Brand:metadata.brand`.
 * @throws PixdockError invalid_request
 */
export function parseMapping(text: string): Mapping {
  const mapping = new Map<string, Field>();
  for (const { pair, header, field } of splitPairs(text)) {
    if (header === '' || field === '') throw NOT_A_PAIR(pair);
    if (!isField(field)) throw NOT_A_FIELD(pair, field);
    if (mapping.has(header)) throw TWICE(header);
    mapping.set(header, field);
  }
  return mapping;
}

/**
 * The field of each column; null for the caller's own columns. A field with a mapping is not also found by its name.
 * @param needsUrl whether only a column can contain the sources
 * @throws PixdockError invalid_request
 */
export function fieldsOf(headers: string[], mapping: Mapping, needsUrl = true): (Field | null)[] {
  const names = headers.map((header) => header.trim());
  for (const [header, field] of mapping) {
    const times = names.filter((name) => name === header).length;
    if (times === 0) throw MISSING(header, names);
    // Merged cells give several columns one name.
    if (times > 1 && field !== 'url') throw AMBIGUOUS(header);
  }
  const mapped = new Set(mapping.values());
  const fields = names.map((name) => {
    const known = mapping.get(name) ?? knownField(name);
    return known !== null && !mapping.has(name) && mapped.has(known) ? null : known;
  });
  if (needsUrl && !fields.includes('url')) {
    const url = names.find((name) => URL_CELL.test(name));
    throw url === undefined ? NO_URL(names) : URL_AS_HEADER(url);
  }
  const repeated = fields.find(
    (field, i) => field !== null && field !== 'url' && fields.indexOf(field) !== i,
  );
  if (repeated) throw TWO_COLUMNS(repeated);
  return fields;
}

/** Warns of columns without a field whose name resembles a field that no column has. */
export function misspelledColumns(headers: string[], fields: readonly (Field | null)[]): Warning[] {
  const warnings = headers.flatMap((header, i) => {
    const meant = fields[i] === null ? meantField(header.trim()) : null;
    return meant === null || fields.includes(meant) ? [] : [ignoredColumn(header.trim(), meant)];
  });
  return warnings.slice(0, MAX_LISTED);
}

/** Whether a text names a field. */
export function isField(text: string): text is Field {
  const known: readonly string[] = FIELDS;
  return known.includes(text) || (text.startsWith(METADATA_PREFIX) && text.length > METADATA_PREFIX.length);
}

function knownField(name: string): Field | null {
  const key = keyOfMetadataColumn(name);
  if (key !== null) return `${METADATA_PREFIX}${key}`;
  const plain = name.toLowerCase().replace('external_id', 'externalid');
  return FIELDS.find((field) => field.toLowerCase() === plain) ?? null;
}

function meantField(name: string): Field | null {
  const key = /^metadata[\s_:[-]+(.+?)\]?$/is.exec(name)?.[1];
  if (key !== undefined) return `${METADATA_PREFIX}${key}`;
  return FIELDS.find((field) => isSimilarName(name, field)) ?? null;
}

const NOT_A_PAIR = (pair: string) => invalid('columns-malformed', { pair, fields: FIELDS });
const NOT_A_FIELD = (pair: string, field: string) =>
  invalid('columns-unknown-field', { pair, field, fields: FIELDS });
const TWICE = (header: string) => invalid('columns-twice', { header });
const MISSING = (header: string, names: string[]) =>
  invalid('columns-missing', { header, headers: names.slice(0, MAX_LISTED) });
const AMBIGUOUS = (header: string) => invalid('columns-ambiguous', { header });
const TWO_COLUMNS = (field: Field) => invalid('csv-two-columns', { field });
const URL_AS_HEADER = (header: string) => invalid('csv-url-as-header', { header });
const NO_URL = (names: string[]) => invalid('csv-without-url', { headers: names.slice(0, MAX_LISTED) });
