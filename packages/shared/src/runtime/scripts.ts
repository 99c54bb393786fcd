import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisConnection } from './redis.js';

type Value = string | number | true | undefined;
type List = readonly (string | number | readonly (string | number)[])[];

/** The named arguments of a script; the script does not see those that are undefined. */
export type ScriptFields = Readonly<Record<string, Value | List | Readonly<Record<string, number>>>>;

export type Script<Result, Fields extends ScriptFields> = (
  redis: RedisConnection,
  keys: readonly string[],
  fields: Fields,
  ...document: [] | [string]
) => Promise<Result>;

/**
 * Loads a Lua script of this package, which takes keys by position, one JSON object with named fields, and optionally a document that
 * it stores unread (lua/prelude.lua).
 * Sends Redis the digest, and the text only if Redis does not have the script.
 */
export function loadScript<Result, Fields extends ScriptFields = ScriptFields>(
  name: string,
): Script<Result, Fields> {
  const text = `${read('prelude')}${read(name)}`;
  const digest = createHash('sha1').update(text).digest('hex');
  return async (redis, keys, fields, ...document) => {
    const args = [...keys, encodeFields(fields), ...document];
    try {
      return (await redis.evalsha(digest, keys.length, ...args)) as Result;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return (await redis.eval(text, keys.length, ...args)) as Result;
    }
  };
}

const read = (name: string) => readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8');

/** Numbers become strings: Lua's cjson keeps 14 digits of a number, and a version may have 15. */
function encodeFields(fields: ScriptFields): string {
  const encoded: Record<string, unknown> = {};
  for (const name in fields) encoded[name] = withoutNumbers(fields[name]);
  return JSON.stringify(encoded);
}

function withoutNumbers(value: ScriptFields[string] | List[number]): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object') return value;
  return Array.isArray(value)
    ? value.map(withoutNumbers)
    : Object.fromEntries(Object.entries(value).map(([name, number]) => [name, withoutNumbers(number)]));
}
