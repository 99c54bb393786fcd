const MOST_GIVEN = 1024;
const MOST_NAME = 255;
// Control characters, ends of lines, and marks that reorder text, so that gpj.exe can be shown as exe.jpg.
const UNSEEN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A file's name as given, path and all, without what cannot be seen; at most 1,024 characters. */
export function nameAsGiven(raw: string): string {
  return cut(raw.replace(UNSEEN, ''), MOST_GIVEN);
}

/**
 * The last part of a name, without what cannot be seen, at most 255 characters; null when nothing is left. It is only ever
 * shown, never a path or a key.
 */
export function baseName(raw: string): string | null {
  const last = raw.split(/[\\/]/).at(-1) ?? '';
  const name = cut(last.replace(UNSEEN, ''), MOST_NAME).trim();
  return name === '' || name === '.' || name === '..' ? null : name;
}

// Not through the middle of a character.
function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
