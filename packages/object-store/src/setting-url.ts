/** Whether `raw` begins with `name://`; `localhost:9010` does not. */
export function hasScheme(raw: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(raw);
}

/** An http(s) URL of host and path only; null when `raw` is something else or has more. */
export function parseBareUrl(raw: string): URL | null {
  // The URL parser repairs white space and "\" silently, which would hide a typing error.
  if (/[\s\\?#@]/.test(raw) || !URL.canParse(raw)) return null;
  const url = new URL(raw);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}
