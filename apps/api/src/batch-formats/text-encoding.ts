/** The encodings of files and names from China: GBK and GB2312 are subsets of GB18030. */
export type TextEncoding = 'utf-8' | 'gb18030';

/** Two bytes that are a frequent character in GB18030 and a letter in UTF-8. */
const PAIR = /[\xc2-\xd7][\xa1-\xbf]/g;
const ONLY_PAIRS = /^(?:[\xc2-\xd7][\xa1-\xbf])+[\xc2-\xd7]?$/;
/** In the UTF-8 of no language in use, but the letters ơ and ư and the marks ʻ and ʼ; frequent Chinese characters in GB18030. */
const SELDOM = /(?!\xc6[\xa1\xb0]|\xca[\xbb\xbc])[\xc6-\xcd][\xa1-\xbf]/;
const SCRIPTS = [/\p{sc=Latin}/u, /\p{sc=Greek}/u, /\p{sc=Cyrillic}/u, /\p{sc=Armenian}/u, /\p{sc=Hebrew}/u];

/** This many lines that are valid in both encodings are UTF-8: such lines are rare in GB18030. */
const ENOUGH_LINES = 10;

/**
 * Detects the encoding by the majority of lines, so that a few damaged lines do not matter; null if there is too little text.
 * @param lines lines that begin and end with whole characters
 */
export function detectEncoding(lines: Iterable<Buffer>): TextEncoding | null {
  const detector = openEncodingDetector();
  for (const line of lines) detector.add(line);
  return detector.encoding();
}

/** As `detectEncoding`, for lines that are added one by one and not kept. */
export function openEncodingDetector() {
  const votes = { 'utf-8': 0, gb18030: 0, either: 0 };
  return {
    add(line: Buffer): void {
      const vote = encodingOf(line);
      if (vote !== null) votes[vote]++;
    },
    encoding(): TextEncoding | null {
      const { gb18030, either } = votes;
      const utf8 = votes['utf-8'] + either;
      if (gb18030 > utf8) return 'gb18030';
      return votes['utf-8'] + gb18030 === 0 && either < ENOUGH_LINES ? null : 'utf-8';
    },
  };
}

/** Null for bytes that are invalid in this encoding. */
export function decodeText(bytes: Buffer, encoding: TextEncoding): string | null {
  try {
    return decoderOf(encoding).decode(bytes);
  } catch {
    return null;
  }
}

// Creating a decoder takes longer than decoding a cell.
const decoders = new Map<TextEncoding, InstanceType<typeof TextDecoder>>();

function decoderOf(encoding: TextEncoding): InstanceType<typeof TextDecoder> {
  const known = decoders.get(encoding);
  if (known !== undefined) return known;
  const made = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  decoders.set(encoding, made);
  return made;
}

function encodingOf(line: Buffer): TextEncoding | 'either' | null {
  if (line.every((byte) => byte < 0x80)) return null;
  if (decodeText(line, 'utf-8') === null) return decodeText(line, 'gb18030') === null ? null : 'gb18030';
  const runs = line.toString('latin1').match(/[\x80-\xff]+/g) ?? [];
  if (!runs.every((run) => ONLY_PAIRS.test(run))) return 'utf-8';
  // Chinese for "picture" would be ͼƬ in UTF-8, a Greek letter and a Latin one. Créée would be two characters in GB18030, which nothing tells.
  return runs.some(isChineseByChance) ? 'gb18030' : 'either';
}

function isChineseByChance(run: string): boolean {
  const pairs = run.match(PAIR) ?? [];
  const letters = Buffer.from(pairs.join(''), 'latin1').toString();
  return (
    pairs.some((pair) => SELDOM.test(pair)) || SCRIPTS.filter((script) => script.test(letters)).length > 1
  );
}
