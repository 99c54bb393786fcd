// Approximates East Asian Wide and Fullwidth (UAX 11); emoji have two columns too.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Width in terminal columns of text without control characters. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfOne(character);
  return columns;
}

/** Pads text to a width, or cuts off its beginning, because file names differ at the end. */
export function fit(text: string, columns: number): string {
  const missing = columns - columnsOf(text);
  if (missing >= 0) return text + ' '.repeat(missing);
  let kept = '';
  let used = 1;
  for (const character of Array.from(text).toReversed()) {
    used += columnsOfOne(character);
    if (used > columns) break;
    kept = character + kept;
  }
  return fit(`…${kept}`, columns);
}

function columnsOfOne(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
