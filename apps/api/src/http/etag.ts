/** The strong ETag of a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Whether If-None-Match names this version (weak comparison, RFC 9110 13.1.2); `*` matches any. */
export function matchesEtag(ifNoneMatch: string | undefined, version: number): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etagOf(version));
}
