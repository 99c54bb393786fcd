/**
 * Letters of two bytes in UTF-8, two and more in a row, all of which are frequent characters of GB18030 too: 图片 is ͼƬ in
 * UTF-8, but дом is a word of two alphabets as well.
 */
const CHINESE_BY_CHANCE = /^[\0-\x7f]*(?:(?:[\xc2-\xd7][\xa1-\xbf]){2,}[\0-\x7f]*)+$/;

/** The names in a folder. Beside one in GB18030, one that may be either is in that too. */
export function namesOf(all: readonly Buffer[]): string[] {
  const hasChinese = all.some((name) => decode(name, 'utf-8') === null && decode(name, 'gb18030') !== null);
  return all.map((name) =>
    hasChinese && CHINESE_BY_CHANCE.test(name.toString('latin1'))
      ? (decode(name, 'gb18030') ?? nameOf(name))
      : nameOf(name),
  );
}

/**
 * A name on disk as text: UTF-8, or else GB18030, as archives of a Chinese Windows have it, or else its bytes as Latin-1, so
 * that two names stay two.
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
