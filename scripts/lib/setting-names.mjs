import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The names of all settings. */
export function namesOfSettings(root) {
  const example = readFileSync(join(root, '.env.example'), 'utf8');
  return [...example.matchAll(/^# ([A-Z][A-Z_]+)=/gm)].map(([, name]) => name);
}
