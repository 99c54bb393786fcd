import { hash } from 'node:crypto';
import { externalIdOfPath } from '@pixdock/contract/external-id';

/**
 * Matches names with two or more two-byte UTF-8 letters in a row that are also common characters in GB18030: \u56fe\u7247 is
 * \u037c\u01ac in UTF-8, and a Cyrillic word matches as well.
 */
const AMBIGUOUS = /^[\0-\x7f]*(?:(?:[\xc2-\xd7][\xa1-\xbf]){2,}[\0-\x7f]*)+$/;

/** Decodes the names in a folder. If one of them is GB18030, ambiguous names are decoded as GB18030 too. */
export function namesOf(all: readonly Buffer[]): string[] {
  const hasChinese = all.some((name) => decode(name, 'utf-8') === null && decode(name, 'gb18030') !== null);
  return all.map((name) =>
    hasChinese && AMBIGUOUS.test(name.toString('latin1'))
      ? (decode(name, 'gb18030') ?? nameOf(name))
      : nameOf(name),
  );
}

/**
 * Decodes a file name as UTF-8, else as GB18030 (archives of Chinese Windows), else as Latin-1, so that different names stay
 * different.
 */
export function nameOf(name: Buffer): string {
  return decode(name, 'utf-8') ?? decode(name, 'gb18030') ?? name.toString('latin1');
}

function decode(name: Buffer, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(name);
  } catch {
    return null;
  }
}

/** The externalId of a path within a folder. */
export function externalIdOf(path: string): string {
  return externalIdOfPath(path, (text) => hash('sha256', text));
}
