/** Whether two names differ only in case, `_`, `-` or one letter: one is probably a mistyped form of the other. */
export function isSimilarName(one: string, other: string): boolean {
  const [a, b] = [wordOf(one), wordOf(other)];
  if (Math.abs(a.length - b.length) > 1) return false;
  const forms = shortened(b);
  return shortened(a).some((form) => forms.includes(form));
}

const wordOf = (name: string) => name.toLowerCase().replace(/[_-]/g, '');

/** A word, and the word without each of its letters: similar words share one of these. */
function shortened(word: string): string[] {
  return [word, ...Array.from(word, (_, index) => word.slice(0, index) + word.slice(index + 1))];
}
