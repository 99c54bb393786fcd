/*
 * Compares two OpenAPI documents. Packages from npm that do so either download a Go program when they are installed or need .NET;
 * the promise is small: later versions only add.
 */

type Json = Record<string, unknown>;
/** Who writes the value: a client in a request, the server in a response. */
type Writer = 'client' | 'server';

/** What a document of the API changes that a client of the document before it may depend on. */
export function breakingChanges(before: object, after: object): string[] {
  const found = new Set<string>();
  const compared = new Set<string>();
  const report = (at: string, change: string) => void found.add(`${at} ${change}`);

  function compare(at: string, writer: Writer, old: Json, now: Json): void {
    // Schemas may contain themselves.
    const pair = `${writer} ${String(old.$ref)} ${String(now.$ref)}`;
    if (old.$ref !== undefined && now.$ref !== undefined) {
      if (compared.has(pair)) return;
      compared.add(pair);
    }
    compareSchemas(at, writer, resolve(before, old), resolve(after, now));
  }

  function compareSchemas(at: string, writer: Writer, old: Json, now: Json): void {
    // The values of one must all be values of the other: of a request those of old clients, of a response those of the new server.
    const [narrow, wide] = writer === 'client' ? [old, now] : [now, old];
    const types = listOf(wide.type);
    if (types.length > 0 && !listOf(narrow.type).every((type) => types.includes(type)))
      report(at, `is ${listOf(now.type).join(' or ')}, not ${listOf(old.type).join(' or ')}`);
    const required = listOf(narrow.required);
    for (const name of listOf(wide.required))
      if (!required.includes(name))
        report(`${at}.${name}`, writer === 'client' ? 'is required' : 'may be absent');
    for (const [name, member] of entriesOf(old.properties)) {
      const same = objectOf(now.properties)[name];
      if (same === undefined) report(`${at}.${name}`, 'is gone');
      else compare(`${at}.${name}`, writer, member, same as Json);
    }
    for (const part of ['items', 'additionalProperties'])
      if (isObject(old[part]) && isObject(now[part])) compare(`${at}[]`, writer, old[part], now[part]);
    for (const part of ['anyOf', 'oneOf', 'allOf']) {
      const [olds, nows] = [objectsOf(old[part]), objectsOf(now[part])];
      const [few, many] = part === 'allOf' || writer === 'server' ? [nows, olds] : [olds, nows];
      if (few.length > many.length) report(at, `has other variants: ${part}`);
      olds.forEach((variant, i) => nows[i] !== undefined && compare(at, writer, variant, nows[i]));
    }
    if (writer === 'client') compareLimits(at, old, now);
  }

  function compareLimits(at: string, old: Json, now: Json): void {
    const values = listOf(now.enum);
    if (values.length > 0 && listOf(old.enum).some((value) => !values.includes(value)))
      report(at, `takes only ${values.join(', ')}`);
    const lacksValues = old.enum === undefined && now.enum !== undefined;
    if (lacksValues || (now.pattern !== undefined && now.pattern !== old.pattern))
      report(at, 'takes fewer values');
    for (const name of ['maxLength', 'maximum', 'maxItems'])
      if (Number(now[name] ?? Infinity) < Number(old[name] ?? Infinity)) report(at, `has a lower ${name}`);
    for (const name of ['minLength', 'minimum', 'minItems'])
      if (Number(now[name] ?? -Infinity) > Number(old[name] ?? -Infinity)) report(at, `has a higher ${name}`);
  }

  function compareContent(at: string, writer: Writer, old: unknown, now: unknown): void {
    for (const [type, content] of entriesOf(old)) {
      const same = objectOf(now)[type];
      if (same === undefined) report(`${at} ${type}`, 'is gone');
      else compare(at, writer, objectOf(content.schema), objectOf(objectOf(same).schema));
    }
  }

  function compareOperations(at: string, old: Json, now: Json): void {
    const nameOf = (parameter: Json) => `${String(parameter.in)} ${String(parameter.name)}`;
    const [olds, nows] = [objectsOf(old.parameters), objectsOf(now.parameters)];
    for (const parameter of olds) {
      const same = nows.find((one) => nameOf(one) === nameOf(parameter));
      const name = `${at} ${nameOf(parameter)}`;
      if (same === undefined) report(name, 'is gone');
      else compare(name, 'client', objectOf(parameter.schema), objectOf(same.schema));
    }
    for (const parameter of nows.filter((one) => one.required === true))
      if (olds.find((one) => nameOf(one) === nameOf(parameter))?.required !== true)
        report(`${at} ${nameOf(parameter)}`, 'is required');
    const [oldBody, nowBody] = [objectOf(old.requestBody), objectOf(now.requestBody)];
    if (nowBody.required === true && oldBody.required !== true) report(`${at} body`, 'is required');
    compareContent(`${at} body`, 'client', oldBody.content, nowBody.content);
    for (const [status, response] of entriesOf(old.responses)) {
      const same = objectOf(now.responses)[status];
      if (same === undefined) report(`${at} ${status}`, 'is gone');
      else compareContent(`${at} ${status}`, 'server', response.content, objectOf(same).content);
    }
  }

  for (const [path, operations] of entriesOf(objectOf(before).paths))
    for (const [method, operation] of entriesOf(operations)) {
      const at = `${method.toUpperCase()} ${path}`;
      const same = objectOf(objectOf(objectOf(after).paths)[path])[method];
      if (same === undefined) report(at, 'is gone');
      else compareOperations(at, operation, same as Json);
    }
  return [...found];
}

function resolve(document: object, schema: Json): Json {
  if (typeof schema.$ref !== 'string') return schema;
  const names = schema.$ref.replace('#/', '').split('/');
  return resolve(document, objectOf(names.reduce<unknown>((value, name) => objectOf(value)[name], document)));
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const entriesOf = (value: unknown) => Object.entries(objectOf(value)) as [string, Json][];
const objectsOf = (value: unknown): Json[] => (Array.isArray(value) ? value : []);
const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
