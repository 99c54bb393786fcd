import type { Detail } from '@pixdock/contract/messages/detail';
import type { Hop } from '@pixdock/contract/messages/sources';
import type { SourceSettings } from '@pixdock/shared/runtime/sources/settings';
import { startClock } from './clock.js';
import { connectSocket } from './connect.js';
import { SourceFault } from './fault.js';
import { checkUrl } from './guard.js';
import { SOURCE_LIMITS } from './limits.js';
import { openConnection } from './open-connection.js';
import { openResolver } from './resolve.js';
import { type HttpResponse, sendRequest } from './send-request.js';
import { retryAfterMs } from './status.js';
import type { Connect, Resolve } from './types.js';

export type PostOutcome =
  | { status: number; retryAfterMs: number | null }
  /** No response: why not, and whether a later attempt may get one. */
  | { status: null; error: Detail; again: boolean };

export interface WebhookSender {
  /**
   * Posts JSON to the URL of an untrusted caller, behind the same guard as the fetch of a source. Follows no redirect.
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
/** Of a response; a receiver that sends more has its connection closed. */
const BODY_BYTES = 4096;

/** For tests, which must not connect to public addresses. */
export interface SenderSeams {
  resolve?: Resolve;
  connect?: Connect;
  timeoutMs?: number;
}

export function openWebhookSender(settings: SourceSettings, seams: SenderSeams = {}): WebhookSender {
  const network = { resolve: seams.resolve ?? openResolver(), connect: seams.connect ?? connectSocket };
  const timeoutMs = seams.timeoutMs ?? TIMEOUT_MS;
  return {
    async post(url, body, headers, signal) {
      const clock = startClock({ ...SOURCE_LIMITS, totalMs: timeoutMs }, [signal]);
      try {
        const destination = checkUrl(url, null, settings);
        const socket = await openConnection(destination, network, false, clock.signal);
        const sent = {
          'content-type': 'application/json',
          'content-length': String(body.length),
          ...headers,
        };
        const { headerBytes } = SOURCE_LIMITS;
        const response = await sendRequest(destination.url, sent, socket, clock.signal, headerBytes, body);
        const { status } = response;
        await readSome(response);
        return {
          status,
          retryAfterMs: retryAfterMs(response.header('retry-after'), Date.now(), LONGEST_DELAY_MS),
        };
      } catch (error) {
        signal.throwIfAborted();
        const fault = clock.late() ?? error;
        if (fault instanceof SourceFault)
          return { status: null, error: forWebhook(fault.detail), again: fault.again };
        throw fault;
      } finally {
        clock.stop();
      }
    },
  };
}

/** Reads the beginning of the body, so that a receiver that sends a short one sees no reset connection. */
async function readSome(response: HttpResponse): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES) break;
    }
  } catch {
    // The status is known.
  } finally {
    response.close();
  }
}

/** The guard reports the URL of a webhook as the address of a source. */
function forWebhook({ reason, params }: Detail): Detail {
  const at: Hop = { hop: 'webhook' };
  return { reason, params: { ...params, ...at } };
}
