// Marks that reorder text, so that gpj.exe can be shown as exe.jpg.
const UNSEEN = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const MOST_GIVEN = 1024;
const MOST_NAME = 255;

/** A file's name as given, path and all, without what cannot be seen. */
export function nameAsGiven(raw: string): string {
  return cut(raw.replace(UNSEEN, ''), MOST_GIVEN);
}

/** The last part of a name; null when that is empty. It is only ever shown, never a path or a key. */
export function baseName(raw: string): string | null {
  const last = raw.replace(UNSEEN, '').split(/[\\/]/).at(-1) ?? '';
  return cut(last, MOST_NAME).trim() || null;
}

// Not through the middle of a character.
function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
