/** Files that people send by mistake instead of an image, or in a format of images that is never accepted. */
export type OtherFile = 'zip' | 'pdf' | 'bmp' | 'svg' | 'html' | 'text';

/**
 * Names a file without the signature of an image, so that its refusal can say what to do; null if it is unknown.
 * @param head its first bytes
 */
export function detectOtherFile(head: Buffer): OtherFile | null {
  const ascii = head.toString('latin1', 0, 10);
  // The second signature is that of an archive without files.
  if (ascii.startsWith('PK\u0003\u0004') || ascii.startsWith('PK\u0005\u0006')) return 'zip';
  if (ascii.startsWith('%PDF-')) return 'pdf';
  // The size of the file, and four reserved zeros.
  if (/^BM[^]{4}\0{4}/.test(ascii)) return 'bmp';
  if (!isText(head)) return null;
  return markupOf(head) ?? 'text';
}

/** HTML pages often begin with a comment or a script, and SVG images with the document type of their editor. */
function markupOf(head: Buffer): 'html' | 'svg' | null {
  const text = head.toString('latin1').replace(UTF8_MARK, '').trimStart();
  if (!text.startsWith('<')) return null;
  const name = /<(?:!doctype\s+)?(html|head|title|meta|script|body|svg)\b/i.exec(text)?.[1];
  if (name === undefined) return null;
  return name.toLowerCase() === 'svg' ? 'svg' : 'html';
}

const UTF8_MARK = '\xef\xbb\xbf';
/** Sheets saved by Chinese editions of Excel have the second one. */
const ENCODINGS = ['utf-8', 'gb18030'];

/** Whether the bytes are text without control characters other than white space. The last character may be cut. */
function isText(head: Buffer): boolean {
  const isEncodedAs = (encoding: string) => {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true });
      return text !== '' && !/[^\P{Cc}\s]/u.test(text);
    } catch {
      return false;
    }
  };
  return ENCODINGS.some(isEncodedAs);
}
