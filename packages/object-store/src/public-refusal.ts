/** Why a public URL does not return its object. */
export interface PublicRefusal {
  /** The OSS code; null if another server responded. */
  code: string | null;
  reason: 'absent' | 'denied' | 'blocked' | 'failed';
}

/**
 * Classifies a response other than 200 from a public URL.
 * @param document the body; null for an HTML page, which OSS never sends
 */
export function publicRefusal(status: number, document: string | null): PublicRefusal {
  const code = document === null ? null : codeInXml(document);
  if (status === 404) return { code, reason: 'absent' };
  if (status === 401 || status === 403) return { code, reason: code === null ? 'blocked' : 'denied' };
  return { code, reason: 'failed' };
}

/** The code in an OSS error document, or null. */
export function codeInXml(document: string): string | null {
  return /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(document)?.[1] ?? null;
}
