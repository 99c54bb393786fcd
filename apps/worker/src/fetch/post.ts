import type { Detail } from '@pixdock/contract/messages/detail';
import type { Hop } from '@pixdock/contract/messages/sources';
import type { SourceSettings } from '@pixdock/shared/runtime/sources/settings';
import { withinLimits } from './clock.js';
import { connectSocket } from './connect.js';
import { SourceFault } from './fault.js';
import { checkUrl } from './guard.js';
import { SOURCE_LIMITS } from './limits.js';
import { openConnection } from './open-connection.js';
import { openResolver } from './resolve.js';
import { type HttpResponse, sendRequest } from './send-request.js';
import { retryAfterMs } from './status.js';
import type { Connect, Resolve } from './types.js';

export interface PostOutcome {
  /** Null without a response. */
  status: number | null;
  /** The fault, if there is no response. */
  error: Detail | null;
  /** The delay that the receiver asks for. */
  retryAfterMs: number | null;
  /** Whether a later attempt may get a response. */
  again: boolean;
  /** The response body; null without a response, or if the body is longer than `bodyBytes`. */
  body: Buffer | null;
}

export interface WebhookSender {
  /**
   * Posts to the URL of an untrusted caller, behind the same guard as the fetch of a source. Follows no redirect. The body is JSON unless
   * `headers` name another type.
   * @throws the reason of `signal` when it aborts, and faults of this machine
   */
  post(
    url: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<PostOutcome>;
}

const TIMEOUT_MS = 15_000;
const LONGEST_DELAY_MS = 24 * 3600_000;
/** Longest response body that is read; the connection of a longer one is closed. */
const BODY_BYTES = 4096;

export interface SenderOptions {
  /** For tests, which must not connect to public addresses. */
  resolve?: Resolve;
  connect?: Connect;
  /** From the DNS lookup to the end of the response. */
  timeoutMs?: number;
  bodyBytes?: number;
}

export function openWebhookSender(settings: SourceSettings, options: SenderOptions = {}): WebhookSender {
  const network = { resolve: options.resolve ?? openResolver(), connect: options.connect ?? connectSocket };
  const { timeoutMs = TIMEOUT_MS, bodyBytes = BODY_BYTES } = options;
  return {
    async post(url, body, headers, signal) {
      const limits = { ...SOURCE_LIMITS, totalMs: timeoutMs };
      const response = await withinLimits(limits, [signal], async (clock) => {
        const destination = checkUrl(url, null, settings);
        const socket = await openConnection(destination, network, false, clock.signal);
        const sent = {
          'content-type': 'application/json',
          'content-length': String(body.length),
          ...headers,
        };
        const { headerBytes } = limits;
        const received = await sendRequest(destination.url, sent, socket, clock.signal, headerBytes, body);
        return { received, read: await readSome(received, bodyBytes) };
      });
      if (response instanceof SourceFault) {
        const { detail, again } = response;
        return { status: null, error: forWebhook(detail), retryAfterMs: null, again, body: null };
      }
      const { received, read } = response;
      const delayMs = retryAfterMs(received.header('retry-after'), Date.now(), LONGEST_DELAY_MS);
      return { status: received.status, error: null, retryAfterMs: delayMs, again: true, body: read };
    },
  };
}

/** Reads the body to its end, so that the receiver sees no connection reset; null if it is longer than `maxBytes`. */
async function readSome(response: HttpResponse, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return null;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    // The status is known.
    return null;
  } finally {
    response.close();
  }
}

/** The guard reports the URL of a webhook as the address of a source. */
function forWebhook({ reason, params }: Detail): Detail {
  const at: Hop = { hop: 'webhook' };
  return { reason, params: { ...params, ...at } };
}
