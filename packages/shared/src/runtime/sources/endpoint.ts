export interface Endpoint {
  /** A name without its final dots, or an address without brackets. */
  host: string;
  port: number;
  /** `host:port`, with brackets around an IPv6 address. */
  key: string;
}

/** Host and port of a URL. The URL parser has normalized every spelling of an IPv4 address to four decimal numbers. */
export function endpointOf(url: URL): Endpoint {
  const hostname = withoutFinalDots(url);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  return { host: hostname.replace(/^\[|\]$/g, ''), port, key: `${hostname}:${port}` };
}

/** Parses again: `127.0.0.1..` is a name, but without its dots it is an address. */
function withoutFinalDots(url: URL): string {
  const bare = new URL(url);
  bare.hostname = bare.hostname.replace(/\.+$/, '');
  return bare.hostname;
}
