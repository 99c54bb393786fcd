import { declaredType } from '@pixdock/shared/state/files/declared-type';
import { baseName } from '@pixdock/shared/state/files/file-name';
import { MALFORMED } from './form-problems.js';
import type { Part } from './parts.js';

interface FormPart {
  name: string;
  filename: string | undefined;
  type: string | null;
  /** Clients that send bytes without a file name give them a type of their own. */
  isFile: boolean;
}

/** @throws PixdockError invalid_request without a Content-Disposition: form-data */
export function parsePart({ headers }: Part): FormPart {
  const disposition = parseDisposition(headers['content-disposition']?.[0] ?? '');
  if (disposition === null) throw MALFORMED();
  const type = declaredType(headers['content-type']?.[0]);
  const isBinary = type === 'application/octet-stream' || type?.startsWith('image/') === true;
  return { ...disposition, type, isFile: disposition.filename !== undefined || isBinary };
}

/** The name and the filename of a part's Content-Disposition. */
export interface Disposition {
  name: string;
  /** Undefined if the part is a field. */
  filename: string | undefined;
}

// A quoted value, as every client sends it, or a bare token; the sticky flag allows no gap between parameters.
const PARAMETER = /\s*;\s*([\w!#$&+.^`|~-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/gy;

/**
 * Parses `form-data; name="file"; filename="photo.jpg"` (RFC 7578 4.2), one character per byte; null for any other syntax.
 * `filename*` (RFC 8187), which RFC 7578 forbids and some clients send, takes precedence.
 */
export function parseDisposition(bytes: string): Disposition | null {
  const parameters = parametersOf(bytes, /^form-data/i);
  const name = parameters?.get('name');
  if (parameters === null || name === undefined) return null;
  const filename = fileNameOf(parameters);
  return filename === null ? null : { name, filename };
}

/** The file name in the Content-Disposition of a request, for display; null without one, and for another syntax. */
export function fileNameIn(header: string | undefined): string | null {
  const parameters = header === undefined ? null : parametersOf(header, /^[\w-]+/);
  return baseName((parameters === null ? null : fileNameOf(parameters)) ?? '');
}

/** Null for any other type or syntax. */
function parametersOf(bytes: string, known: RegExp): Map<string, string> | null {
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  const [type = ''] = known.exec(text) ?? [];
  const parameters = new Map<string, string>();
  let end = type.length;
  for (const [all, name = '', quoted, token] of text.slice(end).matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (parameters.has(key)) return null;
    // A backslash escapes only these two characters; elsewhere it is part of a Windows path.
    parameters.set(key, token ?? (quoted ?? '').replace(/\\(["\\])/g, '$1'));
    end += all.length;
  }
  const rest = text.slice(end).trim();
  return type === '' || (rest !== '' && rest !== ';') ? null : parameters;
}

/** Undefined without a file name, null for one that cannot be decoded. */
function fileNameOf(parameters: ReadonlyMap<string, string>): string | undefined | null {
  const extended = parameters.get('filename*');
  return extended === undefined ? parameters.get('filename') : decodeExtended(extended);
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
