import { optionsSchema } from '@pixdock/contract/image';

/** Planned option: an error that names it tells the caller that it had no effect. */
export const NOT_YET = 'webhookUrl';

export const OPTIONS: readonly string[] = Object.keys(optionsSchema.shape);
const KNOWN = [...OPTIONS, NOT_YET];

/** Whether a form field is an option, or `url`, which a form cannot have. */
export function isOption(field: string): boolean {
  return KNOWN.includes(field) || field === 'url' || metadataKeyOf(field) !== null;
}

/** The key of a form field `metadata.KEY`; null for another field. */
export function metadataKeyOf(field: string): string | null {
  return /^metadata\.(.+)$/s.exec(field)?.[1] ?? null;
}

/**
 * Returns the option that an unknown name probably means, as the caller should write it, or null. Such a name differs from an
 * option in case, `_`, `-`, brackets or one letter.
 */
export function meantOption(name: string): string | null {
  const [, base = '', separator = '', key = ''] = /^([^.[]*)([.[]?)(.*?)\]?$/s.exec(name) ?? [];
  const option = KNOWN.find((known) => isSimilar(base, known));
  if (option === undefined) return null;
  return option === 'metadata' && separator !== '' && key !== '' ? `metadata.${key}` : option;
}

function isSimilar(one: string, other: string): boolean {
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
