const MAX_LENGTH = 255;
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;
// Marks that reorder text, so that gpj.exe can be shown as exe.jpg.
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What a source calls itself: by its Content-Disposition (RFC 6266), or else by the last part of its path. */
export function nameOf(disposition: string | null, url: URL): string | null {
  const [, extended] = EXTENDED.exec(disposition ?? '') ?? [];
  const [, quoted, token] = PLAIN.exec(disposition ?? '') ?? [];
  const plain = quoted?.replace(/\\(.)/g, '$1') ?? token ?? '';
  const segment = url.pathname.split('/').at(-1) ?? '';
  return shown(unescaped(extended ?? '')) ?? shown(unescaped(utf8(plain))) ?? shown(unescaped(segment));
}

const EXTENDED = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i;
const PLAIN = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/i;

/** Header bytes are read as latin1; names in them are UTF-8 more often than not. */
function utf8(text: string): string {
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? text : decoded;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Fit to be shown; it is only ever echoed, never a path or a key. */
function shown(raw: string): string | null {
  const last = raw.split(/[\\/]/).at(-1) ?? '';
  const name = last.replace(CONTROL, '').replace(BIDI, '').trim().slice(0, MAX_LENGTH);
  return name === '' || name === '.' || name === '..' ? null : name.replace(/[\ud800-\udbff]$/, '');
}
