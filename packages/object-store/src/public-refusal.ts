import { codeInXml } from './error-code.js';

/** Why a public URL does not give its object. */
export interface PublicRefusal {
  /** OSS's code; null when something else answered. */
  code: string | null;
  reason: 'absent' | 'denied' | 'blocked' | 'failed';
}

/**
 * What an answer other than 200 from a public URL means.
 * @param document the body; null for a web page, which OSS never sends
 */
export function publicRefusal(status: number, document: string | null): PublicRefusal {
  const code = document === null ? null : codeInXml(document);
  if (status === 404) return { code, reason: 'absent' };
  if (status === 401 || status === 403) return { code, reason: code === null ? 'blocked' : 'denied' };
  return { code, reason: 'failed' };
}
