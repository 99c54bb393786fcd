/** The parameters of a part's Content-Disposition that matter here. */
export interface Disposition {
  name: string;
  /** Undefined for a field. */
  filename: string | undefined;
}

// Quoted, as every sender does it, or a bare token; the sticky flag leaves no gap between parameters.
const PARAMETER = /\s*;\s*([\w!#$&+.^`|~-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/gy;

/**
 * Reads `form-data; name="file"; filename="photo.jpg"` (RFC 7578 4.2), its bytes given one to a character; null when it
 * is not exactly that. Forbidden there but sent by some, `filename*` (RFC 8187) is read too and wins.
 */
export function parseDisposition(bytes: string): Disposition | null {
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  const [type = ''] = /^form-data/i.exec(text) ?? [];
  const parameters = new Map<string, string>();
  let end = type.length;
  for (const [all, name = '', quoted, token] of text.slice(end).matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (parameters.has(key)) return null;
    // A backslash is only an escape before these two; elsewhere it belongs to a Windows path.
    parameters.set(key, token ?? (quoted ?? '').replace(/\\(["\\])/g, '$1'));
    end += all.length;
  }
  const name = parameters.get('name');
  const rest = text.slice(end).trim();
  if (type === '' || name === undefined || (rest !== '' && rest !== ';')) return null;
  const extended = parameters.get('filename*');
  if (extended === undefined) return { name, filename: parameters.get('filename') };
  const filename = decodeExtended(extended);
  return filename === null ? null : { name, filename };
}

function decodeExtended(value: string): string | null {
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(value) ?? [];
  if (encoded === undefined) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}
