const FULL_WIDTH: Readonly<Record<string, string>> = { '：': ':', '／': '/', '．': '.' };

/** The URL with ASCII punctuation, as its writer probably meant it; null if it has it already, or is no URL even so. */
export function repairedUrl(url: string): string | null {
  const repaired = url.trim().replaceAll(/[：／．]/g, (mark) => FULL_WIDTH[mark] ?? mark);
  return repaired !== url.trim() && URL.canParse(repaired) && !repaired.includes('@') ? repaired : null;
}
