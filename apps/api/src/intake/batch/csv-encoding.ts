type Encoding = 'utf-8' | 'gb18030';

const NOT_ASCII = /[\x80-\xff]/;

/** Cells of a row as text; null when its bytes are no text in the encoding of the file. */
type RowDecoder = (cells: string[]) => string[] | null;

/**
 * Decodes rows whose cells have one character for each byte. A file that begins with no byte beyond ASCII is decided upon by
 * its first row with one. No byte of a longer character of either encoding is a quote, a delimiter or a line end, which
 * is why rows and cells can be told apart before this.
 * @param head the beginning of the file, which may end within a character
 * @param hasMark whether a byte order mark said that it is UTF-8
 */
export function openRowDecoder(head: Buffer, hasMark: boolean): RowDecoder {
  let encoding: Encoding | null = hasMark ? 'utf-8' : detect(head);
  return (cells) => {
    if (!cells.some((cell) => NOT_ASCII.test(cell))) return cells;
    encoding ??= detect(Buffer.from(cells.join(','), 'latin1'));
    const decoder = new TextDecoder(encoding ?? 'utf-8', { fatal: true, ignoreBOM: true });
    try {
      return cells.map((cell) => decoder.decode(Buffer.from(cell, 'latin1')));
    } catch {
      return null;
    }
  };
}

/** Null as long as nothing tells them apart. */
function detect(bytes: Buffer): Encoding | null {
  if (bytes.every((byte) => byte < 0x80)) return null;
  if (isText(bytes, 'utf-8')) return isChineseByChance(bytes) ? 'gb18030' : 'utf-8';
  // Text that is neither is more likely UTF-8 with a damaged row.
  return isText(bytes, 'gb18030') ? 'gb18030' : 'utf-8';
}

/**
 * Whether bytes that are UTF-8 are still more likely GB18030, as those of 图片 are, which would be ͼƬ: they are all
 * frequent characters of that, two and more in a row, while in European words such letters stand alone or are of
 * alphabets whose other letters are none of those.
 */
function isChineseByChance(bytes: Buffer): boolean {
  const runs = bytes.toString('latin1').match(/[\x80-\xff]+/g) ?? [];
  return runs.every((run) => /^(?:[\xc2-\xd7][\xa1-\xbf]){2,}[\xc2-\xd7]?$/.test(run));
}

function isText(bytes: Buffer, encoding: Encoding): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
