import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: object;
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

interface Response {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export interface Contract {
  /** `GET /v1/images/{id}` and all other operations of the document. */
  operations: string[];
  /** Reasons why the document does not allow this response to a request such as `GET /livez`. */
  faultsIn(line: string, response: Response): string[];
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const PROBLEM = { $ref: '#/components/schemas/Problem' };
/** Requests beside the operations. */
const UNLISTED = /^(?:OPTIONS \/|(?:GET|HEAD) \/(?:openapi\.json|docs|docs\/.*)?$)/;

/** Compares responses with the OpenAPI document. */
export function openContract({ paths, components }: OpenApiDocument): Contract {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    formats: { date: DATE, 'date-time': DATE_TIME },
  });
  const validators = new Map<object, ValidateFunction>();

  function operationOf(line: string): Operation | undefined {
    const [method = '', url = ''] = line.split(' ');
    const [path = ''] = url.split('?');
    const name = method === 'HEAD' ? 'get' : method.toLowerCase();
    const isNamed = paths[path] !== undefined;
    const templates = isNamed ? [path] : Object.keys(paths).filter((one) => patternOf(one).test(path));
    return templates.map((template) => paths[template]?.[name]).find((found) => found !== undefined);
  }

  function faultsInJson(schema: object, text: string): string[] {
    // A member that the document does not name is a fault, too.
    const validate =
      validators.get(schema) ?? ajv.compile({ ...schema, components, unevaluatedProperties: false });
    validators.set(schema, validate);
    return validate(JSON.parse(text)) ? [] : [ajv.errorsText(validate.errors)];
  }

  return {
    operations: Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    ),
    faultsIn(line, { status, headers, text }) {
      if (UNLISTED.test(line)) return [];
      const operation = operationOf(line);
      if (operation === undefined) {
        if (![401, 404, 405].includes(status))
          return [`no operation is declared, but the status is ${status}`];
        return text === '' ? [] : faultsInJson(PROBLEM, text);
      }
      const declared = operation.responses[status];
      if (declared === undefined) return [`the status ${status} is not declared`];
      if (text === '') return [];
      const type = essenceOf(headers['content-type'] ?? '');
      const content = Object.entries(declared.content ?? {}).find(([name]) => essenceOf(name) === type);
      if (content === undefined) return [`the type ${type} is not declared for ${status}`];
      return /[/+]json$/.test(type) ? faultsInJson(content[1].schema, text) : [];
    },
  };
}

const patternOf = (template: string) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`);

/** A media type without its parameters. */
const essenceOf = (type: string) => type.split(';')[0]?.trim() ?? '';
