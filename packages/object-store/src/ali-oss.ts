import { type ClientRequest, Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import OSS from 'ali-oss';
import { loopbackLookup } from './loopback.js';
import type { StoreSettings } from './settings.js';

/** What the wire showed of one call, beside what ali-oss made of it. */
export interface Observed {
  /** Null when no answer came. */
  status: number | null;
  headers: IncomingHttpHeaders;
  /** Node's code of a network fault: ENOTFOUND, ECONNRESET, CERT_HAS_EXPIRED. */
  networkCode: string | null;
}

/** A call that ali-oss gave up. Short-lived: `thrown` may hold the whole body, so only facts of it are kept. */
export class OssCallFailed extends Error {
  override readonly name = 'OssCallFailed';

  constructor(
    readonly thrown: unknown,
    readonly observed: Observed,
  ) {
    super('ali-oss gave the call up');
  }
}

export interface Timeouts {
  /** Until connected; waiting for a free socket counts. */
  connectMs: number;
  /** From the connection to the end of the answer; the body's own time is added. */
  responseMs: number;
}

export interface CallOptions {
  /** Added to this machine's clock, in milliseconds. */
  clockOffsetMs: number;
  signal: AbortSignal | undefined;
}

/** ali-oss, one request a call, with V4 signatures and sockets of our own. Throws OssCallFailed. */
export function createOssClient(settings: StoreSettings, timeouts: Timeouts) {
  const agents = { agent: new HttpAgent(AGENT_OPTIONS), httpsAgent: new HttpsAgent(AGENT_OPTIONS) };

  async function call(
    { clockOffsetMs, signal }: CallOptions,
    bodyBytes: number,
    send: (client: OSS) => Promise<unknown>,
  ): Promise<IncomingHttpHeaders> {
    const observed: Observed = { status: null, headers: {}, networkCode: null };
    const timeout = [timeouts.connectMs, timeouts.responseMs + bodyBytes / SLOWEST_BYTES_PER_MS];
    try {
      const client = new OSS(clientOptions(settings, agents, clockOffsetMs)) as ClientInside;
      client.urllib = watch(client.urllib, timeout, observed, signal);
      await send(client);
    } catch (thrown) {
      throw new OssCallFailed(thrown, observed);
    }
    return observed.headers;
  }

  return {
    put(key: string, body: Buffer, headers: Record<string, string>, options: CallOptions) {
      return call(options, body.length, (client) => client.put(key, body, { headers }));
    },
    head(key: string, options: CallOptions) {
      return call(options, 0, (client) => client.head(key));
    },
    delete(key: string, options: CallOptions) {
      return call(options, 0, (client) => client.delete(key));
    },
    async list({ prefix, after }: ListQuery, options: CallOptions): Promise<ListAnswer> {
      const query = {
        'max-keys': LIST_PAGE,
        // Keys of others may have characters that XML cannot.
        'encoding-type': 'url' as const,
        // An empty parameter would be signed otherwise than it is sent (pitfall 6 in the ali-oss notes).
        ...(prefix === '' ? {} : { prefix }),
        ...(after === null ? {} : { 'start-after': after }),
      };
      let answer: ListAnswer | null = null;
      await call(options, 0, async (client) => {
        answer = await client.listV2(query);
      });
      return answer ?? Promise.reject(new TypeError('ali-oss answered nothing'));
    },
    close(): void {
      agents.agent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

export interface ListQuery {
  prefix: string;
  /** Lists what comes behind this key; null: from the beginning. */
  after: string | null;
}

/** As ali-oss tells a page; of an answer that is no listing, keyCount is not a number. */
export type ListAnswer = Pick<OSS.ListV2ObjectResult, 'objects' | 'isTruncated' | 'keyCount'>;

/** The most that OSS gives at a time. */
const LIST_PAGE = 1000;

const AGENT_OPTIONS = {
  keepAlive: true,
  maxSockets: 64,
  maxFreeSockets: 16,
  // Well before OSS closes an idle connection, which would race with our next request on it.
  timeout: 15_000,
  lookup: loopbackLookup,
};

/** 64 KiB/s: a body slower than that is a dead connection, and the client only knows one total time. */
const SLOWEST_BYTES_PER_MS = 64;

// Options that ali-oss reads and its types do not have.
interface ClientOptions extends OSS.Options {
  agent: HttpAgent;
  httpsAgent: HttpsAgent;
  sldEnable: boolean;
  retryMax: number;
  amendTimeSkewed: number;
}

function clientOptions(
  settings: StoreSettings,
  agents: Pick<ClientOptions, 'agent' | 'httpsAgent'>,
  clockOffsetMs: number,
): ClientOptions {
  return {
    endpoint: settings.endpoint,
    region: `oss-${settings.region}`,
    bucket: settings.bucket,
    accessKeyId: settings.accessKeyId,
    accessKeySecret: settings.accessKeySecret,
    // With a token and without this number the constructor writes to the console.
    ...(settings.securityToken === null
      ? {}
      : { stsToken: settings.securityToken, refreshSTSTokenInterval: Number.MAX_SAFE_INTEGER }),
    authorizationV4: true,
    secure: settings.endpoint.startsWith('https:'),
    cname: settings.addressing === 'cname',
    sldEnable: settings.addressing === 'path',
    retryMax: 0,
    amendTimeSkewed: clockOffsetMs,
    ...agents,
  };
}

type ClientInside = OSS & { urllib: Urllib };

interface Urllib {
  request(url: string, args: UrllibArgs): Promise<unknown>;
  requestWithCallback(
    url: string,
    args: UrllibArgs,
    done: (
      error: (Error & { code?: string }) | null | undefined,
      data: unknown,
      response?: UrllibResponse,
    ) => void,
  ): ClientRequest | undefined;
}

interface UrllibArgs {
  headers: Record<string, string>;
  timeout: readonly number[];
}

interface UrllibResponse {
  status: number;
  headers: IncomingHttpHeaders;
}

/**
 * ali-oss drops the answer's headers and a network fault's code, knows no AbortSignal and forges the Host header of
 * an endpoint that is an IP address. Its HTTP client, which it lets one replace, is where all four are mended.
 */
function watch(
  urllib: Urllib,
  timeout: readonly number[],
  observed: Observed,
  signal: AbortSignal | undefined,
): Urllib {
  const request = (url: string, args: UrllibArgs) =>
    new Promise<unknown>((resolve, reject) => {
      const { host: _forged, ...headers } = args.headers;
      const sent = urllib.requestWithCallback(url, { ...args, headers, timeout }, (error, data, response) => {
        signal?.removeEventListener('abort', abort);
        if (error) {
          observed.networkCode = error.code ?? null;
          reject(error);
          return;
        }
        observed.status = response?.status ?? null;
        observed.headers = response?.headers ?? {};
        resolve({ ...response, data, res: response });
      });
      const abort = () => {
        reject(signal?.reason);
        sent?.destroy();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  return { ...urllib, request };
}
