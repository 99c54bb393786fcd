import { declaredType } from '@pixdock/shared/state/files/declared-type';
import { parseDisposition } from './disposition.js';
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
