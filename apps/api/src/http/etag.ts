/** The strong ETag of a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Whether If-None-Match names this version (weak comparison, RFC 9110 13.1.2); `*` matches any. */
export function matchesEtag(ifNoneMatch: string | undefined, version: number): boolean {
  if (ifNoneMatch === undefined) return false;
  // Not split into tags: each waiting request compares its list, of up to 16 KiB, with each new state. Tags contain no quotes,
  // so the quoted version can only match a whole tag.
  return ifNoneMatch.trim() === '*' || ifNoneMatch.includes(etagOf(version));
}
