import { sayDetail } from '@pixdock/contract/messages/detail';
import { openSourceClient } from '../client.js';
import { connectSocket } from '../connect.js';
import type { ConnectTarget, SourceLimits, SourceOutcome } from '../types.js';

export interface Fetching {
  /** With `text`, the body, and `sentence`, the detail in English. */
  fetch(
    url: string,
    headers?: Record<string, string>,
    validator?: string | null,
  ): Promise<SourceOutcome & { text: string; sentence?: string }>;
  /** What was connected to; really, and on loopback. */
  targets: ConnectTarget[];
  stop(): Promise<void>;
}

export interface FetchingOptions {
  /** Of SOURCE_ALLOW. */
  allow: string[];
  names?: Record<string, string[]>;
  maxBytes?: number;
  limits?: Partial<SourceLimits>;
  /** A certificate to be trusted. */
  ca?: string;
}

/** A client with the real connector, which refuses to leave the machine. */
export function openFetching({
  allow,
  names = {},
  maxBytes = 1_000_000,
  limits = {},
  ca,
}: FetchingOptions): Fetching {
  const targets: ConnectTarget[] = [];
  const client = openSourceClient(
    { allow: new Set(allow), ports: new Set([80, 443]) },
    {
      limits,
      resolve: async (name) => names[name] ?? [],
      connect: async (target, signal) => {
        targets.push(target);
        if (target.address !== '127.0.0.1') throw refused();
        return connectSocket(target, signal, ca === undefined ? {} : { ca });
      },
    },
  );
  return {
    targets,
    stop: () => client.stop(),
    async fetch(url, headers = {}, validator = null) {
      const chunks: Buffer[] = [];
      const write = async (chunk: Buffer) => void chunks.push(chunk);
      const request = { url, headers, maxBytes, validator };
      const ended = await client.fetch(request, write, new AbortController().signal);
      const read = { ...ended, text: Buffer.concat(chunks).toString('latin1') };
      return 'detail' in ended ? { ...read, sentence: sayDetail('en', ended.detail) } : read;
    },
  };
}

/** What a connector of a test says instead of connecting. */
export function refused(): Error {
  return Object.assign(new Error('no packet leaves a test'), { code: 'ECONNREFUSED' });
}
