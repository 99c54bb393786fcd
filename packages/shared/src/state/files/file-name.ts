import { INVISIBLE } from '@pixdock/contract/batch-name';

const MAX_GIVEN = 1024;
const MAX_NAME = 255;

/** The given file name with its path, without invisible characters; at most 1,024 characters. */
export function nameAsGiven(raw: string): string {
  return cut(withoutInvisible(raw), MAX_GIVEN);
}

/**
 * The last part of a file name, without invisible characters, at most 255 characters; null if nothing remains. For display
 * only, never for a path or a key.
 */
export function baseName(raw: string): string | null {
  const last = raw.split(/[\\/]/).at(-1) ?? '';
  const name = cut(withoutInvisible(last), MAX_NAME).trim();
  return name === '' || name === '.' || name === '..' ? null : name;
}

/** Removes control characters, line ends and direction marks. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}

// Keeps surrogate pairs whole.
function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
