import { referenceOf, type Schema, type Schemas } from './schema.js';
import { COMPONENT_VALUES, VALUES } from './values.js';

const TIME = '2026-01-05T08:00:00.000Z';
/** Patterns of ids. */
const PREFIXED_ID = /^\^(\w+_)\[0-9a-f\]\{32\}\$$/;

/**
 * An example of a schema: the values of its members by their names, else the first value that the schema allows. Only
 * required members are in it.
 */
export function exampleOf(schema: Schema, schemas: Schemas, name = '', component = ''): unknown {
  const own = COMPONENT_VALUES[component]?.[name];
  if (own !== undefined) return own;
  const referred = referenceOf(schema);
  if (name !== '' && name in VALUES && accepts(schema, VALUES[name])) return VALUES[name];
  if (referred !== undefined) return exampleOf(schemas[referred] ?? {}, schemas, '', referred);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return exampleOf(choices[0] ?? {}, schemas, name, component);
  if (schema.allOf !== undefined)
    return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, schemas, name, component)));
  return ofType(schema, schemas, component);
}

function ofType(schema: Schema, schemas: Schemas, component: string): unknown {
  const { type, required = [], properties = {}, items = {} } = schema;
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return Object.fromEntries(
        required.map((name) => [name, exampleOf(properties[name] ?? {}, schemas, name, component)]),
      );
    case 'array':
      return [exampleOf(items, schemas, '', component)];
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return false;
    default:
      return textOf(schema);
  }
}

function textOf({ format, pattern = '' }: Schema): string {
  if (format === 'date-time') return TIME;
  if (format === 'date') return TIME.slice(0, '2026-01-05'.length);
  const [, prefix] = PREFIXED_ID.exec(pattern) ?? [];
  return prefix === undefined ? 'text' : `${prefix}${'5f'.repeat(16)}`;
}

/** Whether a value by name has a type of the schema; members of one name may have several. */
function accepts(schema: Schema, value: unknown): boolean {
  if (schema.enum !== undefined) return schema.enum.includes(value);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.some((choice) => accepts(choice, value));
  const types = [schema.type ?? []].flat();
  return types.some((type) => type === typeOf(value) || (type === 'number' && typeof value === 'number'));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' ? 'integer' : typeof value;
}
