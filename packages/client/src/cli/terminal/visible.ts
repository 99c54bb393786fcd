// Control characters can move the cursor; direction marks can make gpj.exe look like exe.jpg.
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/** Escapes characters that could move or reorder text, so that untrusted text fits on one terminal line. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (mark) => `\\u{${hex(mark)}}`);
}

/** JSON on one line with the same characters escaped; it parses to the same value. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (mark) => `\\u${hex(mark).padStart(4, '0')}`);
}

const hex = (mark: string) => (mark.codePointAt(0) ?? 0).toString(16);
