import { SOURCE_HEADERS } from '@pixdock/contract/source';
import type { SourceSettings } from '@pixdock/shared/runtime/sources/settings';
import { declaredType } from '@pixdock/shared/state/files/declared-type';
import { readBody } from './body.js';
import { type Clock, withinLimits } from './clock.js';
import { connectSocket } from './connect.js';
import { SourceFault } from './fault.js';
import { checkUrl } from './guard.js';
import { SOURCE_LIMITS } from './limits.js';
import { nameOf } from './naming.js';
import { openConnection } from './open-connection.js';
import { openResolver } from './resolve.js';
import { sendRequest } from './send-request.js';
import { redirectOf, tooManyRedirects } from './status.js';
import type { Connect, Resolve, SourceClient, SourceLimits, SourceOutcome, SourceRequest } from './types.js';

/** For tests, which must not connect to public addresses. */
export interface SourceSeams {
  resolve?: Resolve;
  connect?: Connect;
  limits?: Partial<SourceLimits>;
}

type Write = (chunk: Buffer) => Promise<void>;

/**
 * Fetches images from URLs of untrusted callers. Each hop passes all checks, is resolved once, and uses a new connection
 * to the checked address.
 */
export function openSourceClient(settings: SourceSettings, seams: SourceSeams = {}): SourceClient {
  const network = { resolve: seams.resolve ?? openResolver(), connect: seams.connect ?? connectSocket };
  const limits = { ...SOURCE_LIMITS, ...seams.limits };
  const stopping = new AbortController();
  const running = new Set<Promise<SourceOutcome>>();

  return {
    async fetch(request, write, signal) {
      const attempt = timed(request, write, signal);
      running.add(attempt);
      return attempt.finally(() => running.delete(attempt));
    },
    async stop() {
      stopping.abort(new Error('The source client is stopping'));
      await Promise.allSettled(running);
    },
  };

  async function timed(request: SourceRequest, write: Write, signal: AbortSignal): Promise<SourceOutcome> {
    const signals = [signal, stopping.signal];
    const result = await withinLimits(limits, signals, (clock) => follow(request, write, clock));
    return result instanceof SourceFault ? result.outcome : result;
  }

  async function follow(request: SourceRequest, write: Write, clock: Clock): Promise<SourceOutcome> {
    let headers = ofItem(request.headers);
    let destination = checkUrl(request.url, null, settings);
    for (let hop = 0; hop <= limits.redirects; hop++) {
      clock.enter('connect');
      const socket = await openConnection(destination, network, hop > 0, clock.signal);
      clock.enter('headers');
      const { url } = destination;
      const response = await sendRequest(url, headers, socket, clock.signal, limits.headerBytes);
      try {
        const location = redirectOf(response);
        if (location === null) {
          await readBody(response, request.maxBytes, clock, write);
          return {
            outcome: 'fetched',
            declaredType: declaredType(response.header('content-type')),
            filename: nameOf(response.header('content-disposition'), url),
          };
        }
        destination = checkUrl(location, url, settings);
        if (destination.url.origin !== url.origin) headers = {};
      } finally {
        response.close();
      }
    }
    throw tooManyRedirects(limits.redirects);
  }
}

function ofItem(headers: Readonly<Record<string, string>>): Record<string, string> {
  const allowed: readonly string[] = SOURCE_HEADERS;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => allowed.includes(name)));
}
