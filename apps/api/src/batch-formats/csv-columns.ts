import { invalid } from '../http/invalid.js';
import { shown } from '../http/shown.js';

const FIELDS = ['url', 'externalId', 'profile', 'metadata', 'sha256'] as const;
const METADATA_KEY = 'metadata.';

/** A field of an item, or `metadata.KEY`. */
export type Field = (typeof FIELDS)[number] | `metadata.${string}`;
/** Fields by the header of their column. */
export type Mapping = ReadonlyMap<string, Field>;

/**
 * Reads `主图链接:url,编号:externalId,品牌:metadata.brand`. The last colon parts a header from its field.
 * @throws PixdockError invalid_request
 */
export function parseMapping(text: string): Mapping {
  const mapping = new Map<string, Field>();
  for (const pair of text.split(',')) {
    const colon = pair.lastIndexOf(':');
    const header = pair.slice(0, Math.max(colon, 0)).trim();
    const field = pair.slice(colon + 1).trim();
    if (header === '' || !isField(field)) throw NOT_A_PAIR(pair);
    if (mapping.has(header)) throw TWICE(header);
    mapping.set(header, field);
  }
  return mapping;
}

/**
 * The field of each column; null for the caller's own columns. A field with a mapping is not also found by its name.
 * @throws PixdockError invalid_request
 */
export function fieldsOf(headers: string[], mapping: Mapping): (Field | null)[] {
  const names = headers.map((header) => header.trim());
  for (const header of mapping.keys()) {
    const times = names.filter((name) => name === header).length;
    if (times === 0) throw MISSING(header, names);
    if (times > 1) throw AMBIGUOUS(header);
  }
  const mapped = new Set(mapping.values());
  const fields = names.map((name) => {
    const known = mapping.get(name) ?? knownField(name);
    return known !== null && !mapping.has(name) && mapped.has(known) ? null : known;
  });
  if (!fields.includes('url')) throw NO_URL(names);
  const repeated = fields.find(
    (field, i) => field !== null && field !== 'url' && fields.indexOf(field) !== i,
  );
  if (repeated) throw TWO_COLUMNS(repeated);
  return fields;
}

function isField(text: string): text is Field {
  const known: readonly string[] = FIELDS;
  return known.includes(text) || (text.startsWith(METADATA_KEY) && text.length > METADATA_KEY.length);
}

function knownField(name: string): Field | null {
  const plain = name.toLowerCase().replace('external_id', 'externalid');
  return FIELDS.find((field) => field.toLowerCase() === plain) ?? null;
}

const NOT_A_PAIR = (pair: string) =>
  invalid(
    `columns: "${shown(pair)}" is not HEADER:field; a field is ${FIELDS.join(', ')} or metadata.KEY.`,
    `columns：“${shown(pair)}”不是“表头:字段”的形式；字段为 ${FIELDS.join('、')} 或 metadata.KEY。`,
  );
const TWICE = (header: string) =>
  invalid(`columns maps "${shown(header)}" twice.`, `columns 中“${shown(header)}”出现了两次。`);
const MISSING = (header: string, names: string[]) =>
  invalid(
    `columns maps "${shown(header)}", but the header row has only: ${listed(names)}.`,
    `columns 中的“${shown(header)}”不在表头中；表头为：${listed(names)}。`,
  );
const AMBIGUOUS = (header: string) =>
  invalid(
    `columns maps "${shown(header)}", of which the header row has two; rename one.`,
    `columns 中的“${shown(header)}”在表头中出现了两次；请重命名其中一列。`,
  );
const TWO_COLUMNS = (field: Field) =>
  invalid(
    `Two columns are ${shown(field)}; only url may have several.`,
    `有两列对应 ${shown(field)}；只有 url 可以有多列。`,
  );
const NO_URL = (names: string[]) =>
  invalid(
    `No column has the addresses. Name one "url" in the first row, or say which it is: ?columns=HEADER:url, or --columns HEADER:url. The first row has: ${listed(names)}.`,
    `没有包含图片地址的列。请在首行将该列命名为 url，或用 ?columns=表头:url（命令行为 --columns 表头:url）指定。首行为：${listed(names)}。`,
  );

function listed(names: string[]): string {
  return names.slice(0, 20).map(shown).join(', ');
}
