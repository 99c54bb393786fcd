/** Whether `raw` begins with `name://`; `localhost:9010` does not. */
export function hasScheme(raw: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(raw);
}

/** Parses an http(s) URL that has only a host and a path; null for anything else. */
export function parseBareUrl(raw: string): URL | null {
  // The URL parser silently repairs white space and "\", which would hide typos.
  if (/[\s\\?#@]/.test(raw) || !URL.canParse(raw)) return null;
  const url = new URL(raw);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}
