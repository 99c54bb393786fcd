import { toProblem } from '@pixdock/contract/error';
import { ERROR_CODES, ERROR_TABLE, type ErrorCode } from '@pixdock/contract/error-table';
import { EXAMPLE_HEX } from '@pixdock/contract/ids';
import { fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';

/** The parts of JSON Schema that responses use. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  minimum?: number;
  pattern?: string;
  format?: string;
  examples?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  required?: string[];
  allOf?: Schema[];
}
type Example = { $ref: string } | { summary?: string; value: unknown };

interface Operation {
  operationId: string;
  responses: Record<string, { content?: Record<string, { schema: Schema; examples?: object }> }>;
}
interface Document {
  paths?: object;
  components?: object;
}

const TIME = '2026-01-05T08:00:00.000Z';
const PREFIXED_ID = /^\^(\w+_)\[0-9a-f\]\{32\}\$$/;

/** Adds an example to each response of the document. Examples of components and errors are shared; errors are in the language. */
export function addExamples<D extends Document>(document: D, language: Language): D {
  const { schemas = {} } = (document.components ?? {}) as { schemas?: Record<string, Schema> };
  const shared = new Map<string, Example>();
  for (const path of Object.values(document.paths ?? {}) as Record<string, Operation>[])
    for (const { operationId, responses } of Object.values(path))
      for (const [status, { content = {} }] of Object.entries(responses))
        for (const [type, media] of Object.entries(content)) {
          const isProblem = type === 'application/problem+json';
          media.examples = isProblem ? problemsOf(operationId, status) : exampleOf(media.schema, status);
        }
  return { ...document, components: { ...document.components, examples: Object.fromEntries(shared) } };

  function exampleOf(schema: Schema, status: string): Record<string, Example> {
    const [nth, suffix] = status === '202' ? ([1, '-accepted'] as const) : ([0, ''] as const);
    const make = () => ({ value: sample(schema, nth) });
    return { example: schema.$ref === undefined ? make() : share(`${nameIn(schema.$ref)}${suffix}`, make) };
  }

  function problemsOf(operationId: string, status: string): Record<string, Example> {
    const examples = codesOf(operationId, Number(status)).map((code) => {
      const { fix: _, ...problem } = factsOf(code);
      const value = { ...problem, requestId: 'req_example' };
      return [code, share(code, () => ({ summary: value.title, value }))] as const;
    });
    return Object.fromEntries(examples);
  }

  function share(name: string, make: () => Example): Example {
    if (!shared.has(name)) shared.set(name, make());
    return { $ref: `#/components/examples/${name}` };
  }

  function factsOf(code: ErrorCode) {
    const fix = sayDetail(language, fixOf(code));
    return { ...toProblem(code, fix, language), fix };
  }

  /** The nth example of a schema. The second one is of a resource that was just accepted, and lacks what comes later. */
  function sample(schema: Schema, nth: 0 | 1): unknown {
    const { $ref, examples, allOf, enum: choices, items = {}, additionalProperties: entry } = schema;
    const [type, nullable] = [schema.type ?? 'object'].flat();
    if ($ref !== undefined) return sample(schemas[nameIn($ref)] ?? {}, nth);
    if (examples !== undefined) return examples[nth] === undefined ? examples[0] : examples[nth];
    if (allOf !== undefined) return Object.assign({}, ...allOf.map((part) => sample(part, nth)));
    if (nullable === 'null' && (type !== 'object' || nth === 1)) return null;
    if (choices !== undefined) return choices[0];
    if (type === 'boolean') return false;
    if (type === 'string') return textOf(schema);
    if (type === 'array') return [sample(items, nth)];
    if (type !== 'object') return schema.minimum ?? 1;
    // A record has one entry, for the main variant of an image.
    if (entry !== undefined) return nth === 0 ? { main: sample(entry, nth) } : {};
    return sampleObject(schema, nth);
  }

  /** An example of the required members. An object that explains an error code has the sentences of the error table. */
  function sampleObject({ properties = {}, required = [] }: Schema, nth: 0 | 1): object {
    const member = (name: string) => sample(properties[name] ?? {}, nth);
    const explains = required.includes('code') && (required.includes('detail') || required.includes('fix'));
    const facts: Record<string, unknown> = explains ? factsOf(member('code') as ErrorCode) : {};
    return Object.fromEntries(required.map((name) => [name, facts[name] ?? member(name)]));
  }
}

const nameIn = (reference: string) => reference.split('/').at(-1) ?? '';

function textOf({ format, pattern = '' }: Schema): string {
  if (format !== undefined) return format === 'date' ? TIME.slice(0, '2026-01-05'.length) : TIME;
  const [, prefix] = PREFIXED_ID.exec(pattern) ?? [];
  return prefix === undefined ? 'text' : `${prefix}${EXAMPLE_HEX}`;
}

/** The codes with which any operation may respond. */
const COMMON: readonly ErrorCode[] = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
  'digest_mismatch',
  'rate_limited',
  'queue_unavailable',
  'overloaded',
];

const CREATION: readonly ErrorCode[] = [
  'unknown_profile',
  'idempotency_in_progress',
  'idempotency_conflict',
  'staging_full',
];

/** Further codes of single operations. */
const OF_OPERATION: Readonly<Record<string, readonly ErrorCode[]>> = {
  submitImage: [...CREATION, 'empty_file', 'heic_unsupported', 'image_corrupt', 'source_not_found'],
  submitBatch: [...CREATION, 'too_many_items'],
  keepImage: ['already_deleted'],
  retryImage: ['not_retryable', 'source_lost', 'image_corrupt'],
};

/** The codes that an operation may have for a status; all codes of the status if none is known. */
function codesOf(operationId: string, status: number): ErrorCode[] {
  const known = [...COMMON, ...(OF_OPERATION[operationId] ?? [])];
  const all = ERROR_CODES.filter((code) => ERROR_TABLE[code].status === status);
  const own = all.filter((code) => known.includes(code));
  return own.length === 0 ? all : own;
}
