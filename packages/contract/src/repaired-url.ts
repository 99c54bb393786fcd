const FULL_WIDTH: Readonly<Record<string, string>> = { '：': ':', '／': '/', '．': '.' };

/**
 * A URL whose colon, slashes or dots are full-width (`：／．`, as Chinese keyboards write them), with `:`, `/` and `.` instead. Null
 * for any other text.
 */
export function repairedUrl(url: string): string | null {
  const repaired = url.trim().replaceAll(/[：／．]/g, (mark) => FULL_WIDTH[mark] ?? mark);
  return repaired !== url.trim() && URL.canParse(repaired) && !repaired.includes('@') ? repaired : null;
}
