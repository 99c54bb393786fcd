import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { asError } from './as-error.js';
import type { SettingsReader } from './env.js';
import { explainIssue } from './explain-issue.js';
import { describeFileError } from './messages/files.js';
import { say, sayIssue } from './messages/settings-file.js';

/**
 * Reads the JSON or YAML file in a setting. Returns null if the setting is unset, or if the file is invalid, which it reports
 * to `read`.
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
    // YAML 1.2 contains JSON, so one parser reads both.
    const parsed = schema.safeParse(parse(readFileSync(path, 'utf8'), { logLevel: 'error' }), {
      error: (issue) => explainIssue(issue, read.language),
    });
    if (parsed.success) return parsed.data;
    const wrongTypes = new Set(
      parsed.error.issues.filter(({ code }) => code === 'invalid_type').map((issue) => issue.path.join('.')),
    );
    for (const { code, path: at, message } of parsed.error.issues) {
      // zod also checks the length of a text that should be a list.
      if ((code === 'too_small' || code === 'too_big') && wrongTypes.has(at.join('.'))) continue;
      const field = at.length === 0 ? null : at.join('.');
      read.fault(
        name,
        say(read.language, 'in-field', { field, problem: sayIssue(read.language, message) }),
        fix,
      );
    }
  } catch (error) {
    const { message } = asError(error);
    const file = error instanceof Error && 'syscall' in error ? describeFileError(error) : null;
    const reason = file === null ? message : `${path}: ${file.reason[read.language]}`;
    read.fault(name, say(read.language, 'unreadable', { reason }), file?.fix[read.language] ?? fix);
  }
  return null;
}
