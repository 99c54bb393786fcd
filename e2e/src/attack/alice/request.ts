const KEY = 'key-of-the-owner-alice';

/** A request without a body, ready to be sent any number of times. */
export function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Buffer[] {
  return [headOf(method, path, headers)];
}

/** A request with a body, ready to be sent any number of times. */
export function post(
  path: string,
  type: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Uint8Array[] {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const all = { 'Content-Type': type, 'Content-Length': String(bytes.length), ...headers };
  return [headOf('POST', path, all), bytes];
}

export function headOf(method: string, path: string, headers: Record<string, string>): Buffer {
  const all = { Host: 'localhost', Authorization: `Bearer ${KEY}`, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}
