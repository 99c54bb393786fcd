// Control characters move the cursor or worse; direction marks let gpj.exe be read as exe.jpg.
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/** Text of others, fit for a terminal and for one line: what could move or reorder it is spelt out. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (mark) => `\\u{${hex(mark)}}`);
}

/** JSON in one line, in which the same characters are escaped; it still reads as the same value. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (mark) => `\\u${hex(mark).padStart(4, '0')}`);
}

const hex = (mark: string) => (mark.codePointAt(0) ?? 0).toString(16);
