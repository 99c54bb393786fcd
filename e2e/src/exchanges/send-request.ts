import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A body of bytes, by its name in the recording. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

export interface Sending {
  /** Owner whose key is sent; null for no key. Default: the owner of the recording. */
  as?: string | null;
  headers?: Record<string, string>;
  body?: string | NamedBytes;
  /** Leave out the body of the response. */
  isBodyElsewhere?: boolean;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The JSON of the body, if it is JSON. */
  body: { id: string; code?: string; status?: unknown; next?: string; items: { id: string }[] };
}

/** Opens a connection and sends a request such as `GET /livez`. */
export async function sendRequest(
  apiUrl: string,
  line: string,
  { as = null, headers = {}, body }: Sending,
): Promise<Reply> {
  const [method = '', path = ''] = line.split(' ');
  const key: Record<string, string> = as === null ? {} : { Authorization: `Bearer key-of-the-owner-${as}` };
  const { hostname: host, port } = new URL(apiUrl);
  // Without WHATWG URL, which would resolve dots in the path.
  const request = requestHttp({ host, port, method, path, agent: false, headers: { ...key, ...headers } });
  const responded = once(request, 'response');
  request.end(typeof body === 'object' ? body.bytes : body);
  const [response] = await responded;
  const text = (await buffer(response)).toString('utf8');
  const responseHeaders: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) responseHeaders[name] = String(value);
  const isJson = /[/+]json$/.test(responseHeaders['content-type'] ?? '') && text !== '';
  return {
    status: response.statusCode,
    headers: responseHeaders,
    text,
    body: isJson ? JSON.parse(text) : {},
  };
}
