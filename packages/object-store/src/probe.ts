import type { IncomingHttpHeaders } from 'node:http';
import { createOssClient, OssCallFailed } from './ali-oss.js';
import { openCredentialSource } from './credential-source.js';
import { classifyFault } from './faults.js';
import { codeInXml } from './public-refusal.js';
import type { StoreSettings } from './settings.js';
import { StorageFault } from './types.js';

/** Sends requests that the main flow does not need, such as those for the settings of a bucket, each of them once. */
export interface Probe {
  /** @throws StorageFault without a response */
  send(request: ProbeRequest): Promise<ProbeResponse>;
  stop(): void;
}

export interface ProbeRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Omitted: a request for the bucket. */
  key?: string;
  /** An empty value sends the name alone, as in `?cors`. */
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer;
  /** Signs with a clock that is off by so much, in milliseconds. */
  clockOffsetMs?: number;
}

export interface ProbeResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** The OSS code of an error. */
  code: string | null;
  ecCode: string | null;
}

/** Opens a bucket, which need not exist, without sending anything. */
export function openProbe(settings: StoreSettings): Probe {
  const client = createOssClient(settings, openCredentialSource(settings.credentials), TIMEOUTS, 1);
  return {
    async send({ method, key = null, query = {}, headers = {}, body = Buffer.alloc(0), clockOffsetMs = 0 }) {
      try {
        const call = { clockOffsetMs, signal: undefined };
        const response = await client.send({ method, key, query, headers, body }, call);
        return toProbeResponse(response.status, response.headers, response.data.toString('utf8'));
      } catch (thrown) {
        if (!(thrown instanceof OssCallFailed)) throw thrown;
        throw new StorageFault('put', classifyFault('put', thrown.thrown, thrown.observed));
      }
    },
    stop: () => client.close(),
  };
}

const TIMEOUTS = { connectMs: 5000, responseMs: 15_000 };

function toProbeResponse(status: number, headers: IncomingHttpHeaders, body: string): ProbeResponse {
  const header = headers['x-oss-ec'];
  const ecCode = typeof header === 'string' ? header : (/<EC>([0-9-]+)<\/EC>/.exec(body)?.[1] ?? null);
  return { status, headers, body, code: status < 300 ? null : codeInXml(body), ecCode };
}
