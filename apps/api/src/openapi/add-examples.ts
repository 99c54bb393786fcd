import type { Language } from '@pixdock/contract/messages/text';
import { exampleOf } from './example-of.js';
import { codesOf, problemExample } from './problems.js';
import { referenceOf, type Schema, type Schemas } from './schema.js';
import { QUEUED, RUNNING, TEXTS } from './values.js';

interface MediaType {
  schema?: Schema;
  examples?: Record<string, Example>;
}
type Example = { $ref: string } | { summary?: string; value: unknown };

interface Operation {
  operationId?: string;
  responses?: Record<string, { content?: Record<string, MediaType> }>;
}

interface Document {
  paths?: object;
  components?: object;
}

const ACCEPTED = '202';

/** Adds an example to each response of the document. Examples of components and errors are shared; errors are in the language. */
export function addExamples<D extends Document>(document: D, language: Language): D {
  const components = (document.components ?? {}) as { schemas?: Schemas; examples?: object };
  const schemas = components.schemas ?? {};
  const shared = new Map<string, Example>();

  for (const path of Object.values(document.paths ?? {}) as Record<string, Operation>[])
    for (const { operationId = '', responses = {} } of Object.values(path))
      for (const [status, { content = {} }] of Object.entries(responses))
        for (const [type, media] of Object.entries(content))
          media.examples = examplesOf(operationId, status, type, media.schema ?? {});
  return { ...document, components: { ...components, examples: Object.fromEntries(shared) } };

  function examplesOf(
    operationId: string,
    status: string,
    type: string,
    schema: Schema,
  ): Record<string, Example> {
    if (type === 'application/problem+json') return problemsOf(operationId, Number(status));
    if (type !== 'application/json') return { example: { value: TEXTS[operationId] ?? 'text' } };
    const component = referenceOf(schema);
    if (component === undefined) return { example: { value: exampleOf(schema, schemas) } };
    const name = status === ACCEPTED ? `${component}-accepted` : component;
    return { example: share(name, () => ({ value: componentExample(component, status) })) };
  }

  function componentExample(component: string, status: string): unknown {
    const value = exampleOf({ $ref: `#/components/schemas/${component}` }, schemas) as object;
    if (status !== ACCEPTED) return value;
    if (component.endsWith('Image')) return { ...value, ...QUEUED };
    return component.endsWith('Batch') ? { ...value, ...RUNNING } : value;
  }

  function problemsOf(operationId: string, status: number): Record<string, Example> {
    const examples = codesOf(operationId, status).map((code) => {
      const { title, ...problem } = problemExample(code, language);
      return [code, share(code, () => ({ summary: title, value: { ...problem, title } }))] as const;
    });
    return Object.fromEntries(examples);
  }

  function share(name: string, make: () => Example): Example {
    if (!shared.has(name)) shared.set(name, make());
    return { $ref: `#/components/examples/${name}` };
  }
}
