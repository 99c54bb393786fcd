/** The parts of JSON Schema that the routes use. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  format?: string;
  example?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

export type Schemas = Readonly<Record<string, Schema>>;

const REFERENCE = '#/components/schemas/';

/** The name of the component that a schema refers to. */
export function referenceOf({ $ref = '' }: Schema): string | undefined {
  return $ref.startsWith(REFERENCE) ? $ref.slice(REFERENCE.length) : undefined;
}
