const MOST = 64;

/** Text of a caller's as it can stand in an answer: cut short, with nothing that garbles a terminal. */
export function shown(text: string): string {
  return text.slice(0, MOST).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
}
