import type { IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import type OSS from 'ali-oss';
import { type ClientSettings, clientOptions, openAgents } from './client-options.js';
import type { CredentialSource } from './credential-source.js';
import type { Credentials } from './credentials.js';
import { type FileBody, streamOf } from './file-body.js';
import { type Observed, observe, type Urllib } from './observe.js';

/** A failed ali-oss call. Do not keep it: `thrown` may reference the whole request body. */
export class OssCallFailed extends Error {
  override readonly name = 'OssCallFailed';

  constructor(
    readonly thrown: unknown,
    readonly observed: Observed,
  ) {
    super('The ali-oss call failed');
  }
}

export interface Timeouts {
  /** Time to connect, including the wait for a free socket. */
  connectMs: number;
  /** Time from the connection to the end of the response, in addition to the transfer time of the body. */
  responseMs: number;
}

export interface CallOptions {
  /** Correction of this machine's clock, in milliseconds. */
  clockOffsetMs: number;
  signal: AbortSignal | undefined;
}

/** An ali-oss client with V4 signatures, one request per call and its own sockets. Its calls throw OssCallFailed. */
export function createOssClient(
  settings: ClientSettings,
  source: CredentialSource,
  timeouts: Timeouts,
  maxSockets: number,
) {
  const agents = openAgents(maxSockets);
  let latest: { client: OSS; credentials: Credentials; clockOffsetMs: number } | null = null;

  async function clientFor(credentials: Credentials, clockOffsetMs: number): Promise<OSS> {
    const Client = await loadLibrary();
    if (latest?.credentials !== credentials || latest.clockOffsetMs !== clockOffsetMs) {
      const client = new Client(clientOptions(settings, credentials, agents, clockOffsetMs));
      latest = { client, credentials, clockOffsetMs };
    }
    return latest.client;
  }

  async function call(
    { clockOffsetMs, signal }: CallOptions,
    bodyBytes: number,
    send: (client: ClientWithUrllib) => Promise<unknown>,
  ): Promise<IncomingHttpHeaders> {
    const observed: Observed = { status: null, headers: {}, networkCode: null };
    const timeout = [timeouts.connectMs, timeouts.responseMs + bodyBytes / SLOWEST_BYTES_PER_MS];
    try {
      const credentials = await withSignal(source.get(), signal);
      // The client of one call: it shares everything but the HTTP client, which observes the response.
      const client = Object.create(await clientFor(credentials, clockOffsetMs)) as ClientWithUrllib;
      client.urllib = observe(client.urllib, timeout, observed, signal);
      await send(client);
    } catch (thrown) {
      throw new OssCallFailed(thrown, observed);
    }
    return observed.headers;
  }

  /** Signs what a client of ours sends to OSS. */
  async function sign<T>(
    seconds: number,
    use: (client: ClientWithUrllib, signing: Signing) => T | Promise<T>,
  ): Promise<T> {
    try {
      const credentials = await source.get();
      const client = (await clientFor(credentials, 0)) as ClientWithUrllib;
      const lifetime = credentials.securityToken === null ? seconds : Math.min(seconds, TOKEN_SECONDS);
      return await use(client, { ...credentials, lifetime, signedAt: Math.floor(Date.now() / 1000) });
    } catch (thrown) {
      throw new OssCallFailed(thrown, { status: null, headers: {}, networkCode: null });
    }
  }

  return {
    async put(key: string, body: Buffer | FileBody, headers: Headers, options: CallOptions) {
      if (Buffer.isBuffer(body))
        return call(options, body.length, (client) => client.put(key, body, { headers }));
      const stream = streamOf(body);
      // ali-oss adds the length to the headers it is given.
      const own: PutOptions = { headers: { ...headers }, contentLength: body.bytes };
      try {
        return await call(options, body.bytes, (client) => client.put(key, stream, own));
      } catch (thrown) {
        // An error of reading the file is not a fault of OSS.
        throw stream.errored ?? thrown;
      }
    },
    append(key: string, position: number, bytes: Buffer, headers: Headers, options: CallOptions) {
      const own = { headers, position: String(position) };
      return call(options, bytes.length, (client) => client.append(key, bytes, own));
    },
    /** @param expected about how many bytes the response has */
    async get(
      key: string,
      headers: Headers,
      expected: number,
      options: CallOptions,
    ): Promise<SignedResponse> {
      let response: SignedResponse | null = null;
      await call(options, expected, async (client) => {
        const { res, content } = await client.get(key, { headers });
        response = { status: res.status, headers: res.headers as IncomingHttpHeaders, data: content };
      });
      return response ?? Promise.reject(new TypeError('ali-oss returned no object'));
    },
    /** CopyObject within the bucket; `copy` of ali-oss would send each header a second time, as a condition on the source. */
    copy(from: string, to: string, headers: Headers, options: CallOptions) {
      const { bucket } = settings;
      const own = { ...headers, 'x-oss-copy-source': `/${bucket}/${encodeURIComponent(from)}` };
      const request = { method: 'PUT', bucket, object: to, headers: own };
      return call(options, 0, (client) => client.request({ ...request, successStatuses: [200] }));
    },
    head(key: string, options: CallOptions) {
      return call(options, 0, (client) => client.head(key));
    },
    delete(key: string, options: CallOptions) {
      return call(options, 0, (client) => client.delete(key));
    },
    /** At most DELETE_PAGE keys. OSS names none of them in its response. */
    deleteMany(keys: readonly string[], options: CallOptions) {
      return call(options, 0, (client) => client.deleteMulti([...keys], { quiet: true }));
    },
    async list({ prefix, after }: ListQuery, options: CallOptions): Promise<ListResponse> {
      const query = {
        'max-keys': LIST_PAGE,
        // Keys from other writers may contain characters that XML cannot represent.
        'encoding-type': 'url' as const,
        // ali-oss signs an empty parameter differently from how it sends it.
        ...(prefix === '' ? {} : { prefix }),
        ...(after === null ? {} : { 'start-after': after }),
      };
      let response: ListResponse | null = null;
      await call(options, 0, async (client) => {
        response = await client.listV2(query);
      });
      return response ?? Promise.reject(new TypeError('ali-oss returned no listing'));
    },
    /** The XML of a GetBucketInfo response; `getBucketInfo` of ali-oss throws a TypeError for an empty one. */
    async info(options: CallOptions): Promise<string> {
      let xml = '';
      await call(options, 0, async (client) => {
        const request = {
          method: 'GET',
          bucket: settings.bucket,
          subres: 'bucketInfo',
          successStatuses: [200],
        };
        xml = (await client.request(request)).data.toString('utf8');
      });
      return xml;
    },
    /** Sends any request; a response of any status is a result. */
    async send(request: SignedRequest, options: CallOptions): Promise<SignedResponse> {
      const { method, key, query, headers, body } = request;
      let response: SignedResponse | null = null;
      await call(options, body.length, async (client) => {
        response = await client.request({
          method,
          bucket: settings.bucket,
          ...(key === null ? {} : { object: key }),
          ...(body.length === 0 ? {} : { content: body }),
          subres: query,
          headers,
        });
      });
      return response ?? Promise.reject(new TypeError('ali-oss returned no response'));
    },
    /** The query of a presigned URL. */
    signUrl: (key: string, seconds: number) =>
      sign(seconds, async (client, { lifetime, signedAt }) => {
        const url = await client.signatureUrlV4('GET', lifetime, {}, key);
        return { query: new URL(url).search.slice(1), expiresAt: new Date((signedAt + lifetime) * 1000) };
      }),
    /** The fields of a form that puts one new object of 1 to `maxBytes` bytes (PostObject). */
    signForm: (key: string, maxBytes: number, seconds: number) =>
      sign(seconds, (client, { lifetime, signedAt, accessKeyId, securityToken }) => {
        const date = new Date(signedAt * 1000);
        const [day = ''] = date.toISOString().replaceAll('-', '').split('T');
        const signed = {
          key,
          'x-oss-forbid-overwrite': 'true',
          'x-oss-signature-version': 'OSS4-HMAC-SHA256',
          'x-oss-credential': `${accessKeyId}/${day}/${settings.region}/oss/aliyun_v4_request`,
          'x-oss-date': date.toISOString().replace(/[-:]|\.\d+/g, ''),
          ...(securityToken === null ? {} : { 'x-oss-security-token': securityToken }),
        };
        const expiresAt = new Date((signedAt + lifetime) * 1000);
        const policy = {
          expiration: expiresAt.toISOString(),
          conditions: [
            { bucket: settings.bucket },
            ...Object.entries(signed).map(([name, value]) => ['eq', `$${name}`, value]),
            ['content-length-range', 1, maxBytes],
          ],
        };
        const fields: Record<string, string> = {
          ...signed,
          policy: Buffer.from(JSON.stringify(policy)).toString('base64'),
          'x-oss-signature': client.signPostObjectPolicyV4(policy, date),
        };
        return { fields, expiresAt };
      }),
    close(): void {
      agents.agent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

/**
 * ali-oss has hundreds of files, which a worker needs only once it has something to store. If the import
 * fails, for example in a moment without free file descriptors, Node repeats the failure forever; `require` reads the files again.
 */
export async function loadLibrary(): Promise<typeof OSS> {
  try {
    return (await import('ali-oss')).default;
  } catch {
    return createRequire(import.meta.url)('ali-oss');
  }
}

type Headers = Record<string, string>;

/** Both times in whole seconds, as OSS counts. */
type Signing = Credentials & { lifetime: number; signedAt: number };

/** The types of `put` lack this option, which it uses for a stream. */
type PutOptions = OSS.PutObjectOptions & { contentLength: number };

export interface ListQuery {
  prefix: string;
  /** Lists the keys after this one; null: from the beginning. */
  after: string | null;
}

export interface SignedRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Null: a request for the bucket. */
  key: string | null;
  /** An empty value sends the name alone. */
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface SignedResponse {
  status: number;
  headers: IncomingHttpHeaders;
  data: Buffer;
}

/** One page from ali-oss. If the response is not a listing, keyCount is NaN. */
export type ListResponse = Pick<OSS.ListV2ObjectResult, 'objects' | 'isTruncated' | 'keyCount'>;

/** Temporary keys are renewed 15 minutes before they expire; the renewal is noticed within a minute. */
const TOKEN_SECONDS = 14 * 60;

/** The maximum that OSS returns per request. */
const LIST_PAGE = 1000;
/** The maximum that OSS deletes per request. */
export const DELETE_PAGE = 1000;

/** 64 KiB/s: slower connections count as dead. ali-oss supports only one total timeout. */
const SLOWEST_BYTES_PER_MS = 64;

/** Waits no longer than until the signal aborts, and then throws its reason. */
async function withSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let onAbort = () => {};
  try {
    return await new Promise((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort);
      promise.then(resolve, reject);
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The parts of ali-oss that its types lack. */
type ClientWithUrllib = OSS & {
  urllib: Urllib;
  request(params: object): Promise<SignedResponse>;
  signPostObjectPolicyV4(policy: object, date: Date): string;
};
