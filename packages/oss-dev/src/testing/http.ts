import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { algorithm, canonicalRequest, scopeOf, signV4, stringToSign } from '../auth/v4.js';
import { encodePath, encodeStrictly } from '../http/encoding.js';
import type { TestOss } from './test-oss.js';

export type TestRequest = {
  method?: string;
  host?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  agent?: Agent;
  signal?: AbortSignal;
};
export type TestResponse = { status: number; headers: IncomingHttpHeaders; body: Buffer; text: string };

/** Sends a request without any normalization of Host or path, by default on a new connection. */
export function send(oss: { port: number }, message: TestRequest): Promise<TestResponse> {
  const { method = 'GET', host = 'localhost', path = '/', headers, body, agent = false, signal } = message;
  return new Promise((resolve, reject) => {
    const target = {
      host: '127.0.0.1',
      port: oss.port,
      agent,
      method,
      path,
      headers: { host, ...headers },
      ...(signal && { signal }),
    };
    const outgoing = request(target, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: bytes,
          text: bytes.toString(),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export type Signing = {
  method?: string;
  bucket?: string;
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** How far the clock of the client is ahead, in milliseconds. */
  clockAheadMs?: number;
  secret?: string;
  additionalHeaders?: string[];
};

/** A request with a V4 signature in its header, ready for `send`. */
export function signed(oss: TestOss, options: Signing): TestRequest {
  const { method = 'GET', bucket = 'lab-bucket', key, query = {}, body, additionalHeaders = [] } = options;
  const dateTime = toDateTime(Date.now() + (options.clockAheadMs ?? 0));
  const headers: Record<string, string> = {
    'x-oss-date': dateTime,
    'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
    ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    ...options.headers,
  };
  const canonical = canonicalRequest({
    method,
    bucket,
    key,
    query: new Map(Object.entries(query)),
    headers,
    additionalHeaders,
  });
  const text = stringToSign(dateTime, oss.region, canonical);
  const signature = signV4(options.secret ?? oss.accessKeySecret, dateTime, oss.region, text);
  const credential = `${oss.accessKeyId}/${scopeOf(dateTime, oss.region)}`;
  const additional = additionalHeaders.length > 0 ? `AdditionalHeaders=${additionalHeaders.join(';')},` : '';
  headers['authorization'] = `${algorithm} Credential=${credential},${additional}Signature=${signature}`;
  return { method, path: pathOf(bucket, key, query), headers, ...(body !== undefined && { body }) };
}

/** Path and query of a V4 presigned URL. */
export function presigned(oss: TestOss, options: Signing & { expires?: string }): string {
  const { method = 'GET', bucket = 'lab-bucket', key, additionalHeaders = [] } = options;
  const dateTime = toDateTime(Date.now() + (options.clockAheadMs ?? 0));
  const query: Record<string, string> = {
    'x-oss-signature-version': algorithm,
    'x-oss-credential': `${oss.accessKeyId}/${scopeOf(dateTime, oss.region)}`,
    'x-oss-date': dateTime,
    'x-oss-expires': options.expires ?? '600',
    ...options.query,
  };
  const canonical = canonicalRequest({
    method,
    bucket,
    key,
    query: new Map(Object.entries(query)),
    headers: options.headers ?? {},
    additionalHeaders,
  });
  const text = stringToSign(dateTime, oss.region, canonical);
  query['x-oss-signature'] = signV4(options.secret ?? oss.accessKeySecret, dateTime, oss.region, text);
  return pathOf(bucket, key, query);
}

/** `20260102T030405Z` */
export function toDateTime(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}

export function pathOf(bucket: string, key = '', query: Record<string, string> = {}): string {
  const parameters = Object.entries(query).map(
    ([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`,
  );
  return `/${bucket}/${encodePath(key)}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
}

/** The text of an XML element; unescapes quotation marks only. */
export function xmlText(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1]?.replaceAll('&#34;', '"');
}

export function xmlTexts(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map((match) => match[1] ?? '');
}
