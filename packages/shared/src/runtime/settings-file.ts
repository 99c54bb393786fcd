import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { asError } from './as-error.js';
import type { SettingsReader } from './env.js';

/**
 * Reads the JSON or YAML file that a setting names; null if it is unset, or does not match `schema`, which is reported to
 * `read`.
 */
export function readSettingsFile<S extends z.ZodType>(
  read: SettingsReader,
  name: string,
  schema: S,
  fix: string,
): z.output<S> | null {
  const path = read.text(name, null);
  if (path === null) return null;
  try {
    // JSON is valid YAML 1.2, so one parser reads both.
    const parsed = schema.safeParse(parse(readFileSync(path, 'utf8'), { logLevel: 'error' }));
    if (parsed.success) return parsed.data;
    for (const { path: at, message } of parsed.error.issues)
      read.fault(name, `${at.join('.') || 'the file'}: ${message}`, fix);
  } catch (error) {
    read.fault(name, `cannot be read: ${asError(error).message}`, fix);
  }
  return null;
}
