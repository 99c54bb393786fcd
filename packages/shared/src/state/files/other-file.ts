/** Files that people send by mistake instead of an image, or in a format of images that is never accepted. */
export type OtherFile = 'zip' | 'office' | 'video' | 'pdf' | 'bmp' | 'svg' | 'html' | 'text';

/**
 * Names a file without the signature of an image, so that its refusal can say what to do; null if it is unknown.
 * @param head its first bytes
 */
export function detectOtherFile(head: Buffer): OtherFile | null {
  const ascii = head.toString('latin1', 0, 10);
  // The second signature is that of an archive without files.
  if (ascii.startsWith('PK\u0003\u0004') || ascii.startsWith('PK\u0005\u0006'))
    return OFFICE_ENTRY.test(head.toString('latin1', ENTRY_NAME_AT)) ? 'office' : 'zip';
  // The containers of XLS, DOC and PPT.
  if (ascii.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return 'office';
  if (isVideo(head.toString('latin1', 0, 12))) return 'video';
  if (ascii.startsWith('%PDF-')) return 'pdf';
  // The size of the file, and four reserved zeros.
  if (/^BM[^]{4}\0{4}/.test(ascii)) return 'bmp';
  if (!isText(head)) return null;
  return markupOf(head) ?? 'text';
}

/** ECMA-376 part 2: the first entry of XLSX, DOCX and PPTX, and where its name is in a ZIP archive. */
const OFFICE_ENTRY = /^(?:\[Content_Types\]\.xml|_rels\/|docProps\/|customXml\/|xl\/|word\/|ppt\/)/;
const ENTRY_NAME_AT = 30;

/** MP4 and MOV, whose images are found before by their brands; AVI; WebM and Matroska; FLV; MPEG. */
const isVideo = (ascii: string) =>
  /^(?:[^]{4}(?:ftyp|moov|mdat|wide)|RIFF[^]{4}AVI )/.test(ascii) ||
  VIDEO_STARTS.some((start) => ascii.startsWith(start));
const VIDEO_STARTS = ['\x1a\x45\xdf\xa3', 'FLV\x01', '\0\0\x01\xba', '\0\0\x01\xb3'];

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
