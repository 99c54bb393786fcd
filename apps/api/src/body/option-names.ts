import { isSimilarName } from '@pixdock/contract/similar-name';
import { optionsSchema } from '@pixdock/contract/submission-options';

export const OPTIONS: readonly string[] = Object.keys(optionsSchema.shape);

/** Whether a form field is an option, or `url`, which a form cannot have. */
export function isOption(field: string): boolean {
  return OPTIONS.includes(field) || field === 'url' || metadataKeyOf(field) !== null;
}

/** The key of a field or a query parameter `metadata.KEY`; null for another name. */
export function metadataKeyOf(field: string): string | null {
  return /^metadata\.(.+)$/s.exec(field)?.[1] ?? null;
}

/**
 * Returns the option that an unknown name probably means, as the caller should write it, or null. Such a name differs from an
 * option in case, `_`, `-`, brackets or one letter.
 */
export function meantOption(name: string): string | null {
  const [, base = '', separator = '', key = ''] = /^([^.[]*)([.[]?)(.*?)\]?$/s.exec(name) ?? [];
  const option = OPTIONS.find((known) => isSimilarName(base, known));
  if (option === undefined) return null;
  return option === 'metadata' && separator !== '' && key !== '' ? `metadata.${key}` : option;
}
