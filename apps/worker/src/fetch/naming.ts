import { baseName } from '@pixdock/shared/state/files/file-name';

/** The file name of a source: from its Content-Disposition (RFC 6266), else from the last part of its path. */
export function nameOf(disposition: string | null, url: URL): string | null {
  const [, extended] = EXTENDED.exec(disposition ?? '') ?? [];
  const [, quoted, token] = PLAIN.exec(disposition ?? '') ?? [];
  const plain = quoted?.replace(/\\(.)/g, '$1') ?? token ?? '';
  const segment = url.pathname.split('/').at(-1) ?? '';
  const named = baseName(unescaped(extended ?? '')) ?? baseName(unescaped(utf8(plain)));
  return named ?? baseName(unescaped(segment));
}

const EXTENDED = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i;
const PLAIN = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/i;

/** Node reads header bytes as latin1, but names and URLs in headers are usually UTF-8. */
export function utf8(text: string): string {
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
