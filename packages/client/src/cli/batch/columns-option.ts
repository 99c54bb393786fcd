import { UsageError } from '../exit.js';
import type { Shell } from '../shell.js';

/** Parses `--columns HEADER:field,…`. @throws UsageError */
export function columnsOf({ commandLine, say }: Shell): Record<string, string> | undefined {
  const text = commandLine.text('columns');
  if (text === undefined) return undefined;
  const columns = new Map<string, string>();
  for (const pair of text.split(',')) {
    // A header may contain colons, a field may not.
    const at = pair.lastIndexOf(':');
    const header = pair.slice(0, Math.max(at, 0)).trim();
    const field = pair.slice(at + 1).trim();
    if (header === '' || field === '') throw new UsageError(say('invalid-column', { pair }));
    if (columns.has(header)) throw new UsageError(say('duplicate-column', { header }));
    columns.set(header, field);
  }
  return Object.fromEntries(columns);
}
