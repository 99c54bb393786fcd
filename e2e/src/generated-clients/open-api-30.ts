type Document = Record<string, unknown> & {
  info: Record<string, unknown>;
  paths: Record<string, Record<string, Operation>>;
};
interface Operation {
  parameters?: { name: string }[];
  requestBody?: { content: Record<string, { schema: { properties?: object } }> };
}

/** A copy of an OpenAPI 3.1 document as OpenAPI 3.0, for a generator that does not know 3.1. */
export function toOpenApi30(document: object): object {
  const { webhooks: _, ...converted } = convert(document) as Document;
  const { license: __, ...info } = converted.info;
  for (const operation of Object.values(converted.paths).flatMap(Object.values<Operation>))
    removeDuplicates(operation);
  return { ...converted, openapi: '3.0.3', info };
}

/** Removes parameters that a form has as fields, too: the generator gives both one name in one function. */
function removeDuplicates(operation: Operation): void {
  const { properties = {} } = operation.requestBody?.content['multipart/form-data']?.schema ?? {};
  operation.parameters = operation.parameters?.filter(({ name }) => !(name in properties)) ?? [];
}

function convert(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(convert);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).flatMap(convertMember));
}

function convertMember([name, value]: [string, unknown]): [string, unknown][] {
  if (name === 'exclusiveMinimum')
    return [
      ['minimum', value],
      [name, true],
    ];
  if (!Array.isArray(value)) return [[name, convert(value)]];
  if (name === 'examples') return [];
  const others = value.filter((one) => !isNull(one)).map(convert);
  if (others.length === value.length) return [[name, others]];
  const nullable: [string, unknown] = ['nullable', true];
  if (name === 'type') return [['type', others[0]], nullable];
  return name === 'anyOf' ? [['allOf', others], nullable] : [[name, others]];
}

/** Whether a type, a value of an enumeration or a schema is null. */
const isNull = (one: unknown) =>
  one === null || one === 'null' || (typeof one === 'object' && 'type' in one && one.type === 'null');
