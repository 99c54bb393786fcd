import { SOURCE_HEADERS } from '@pixdock/contract/source';
import { shortDigest } from '@pixdock/shared/runtime/short-digest';
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
import { type HttpResponse, sendRequest } from './send-request.js';
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
    const { validator = null } = request;
    let headers = ofItem(request.headers);
    let destination = checkUrl(request.url, null, settings);
    for (let hop = 0; hop <= limits.redirects; hop++) {
      clock.enter('connect');
      const socket = await openConnection(destination, network, hop > 0, clock.signal);
      clock.enter('headers');
      const { url } = destination;
      const condition = conditionFor(url, validator);
      const sent = { ...headers, ...condition };
      const response = await sendRequest(url, sent, socket, clock.signal, limits.headerBytes);
      try {
        // Many hosts ignore conditional headers, and send the source again with the same validator.
        const isSame = response.status === 200 && validatorOf(response, url) === validator;
        const filename = nameOf(response.header('content-disposition'), url);
        if (condition !== null && (isSame || response.status === 304))
          return { outcome: 'unchanged', filename };
        const location = redirectOf(response);
        if (location === null) {
          await readBody(response, request.maxBytes, clock, write);
          return {
            outcome: 'fetched',
            declaredType: declaredType(response.header('content-type')),
            filename,
            validator: validatorOf(response, url),
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

/** An entity tag (RFC 9110 8.8.3) of 1 to 128 characters; others are ignored. */
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]{1,128}"$/;
/** RFC 9110 5.6.7 */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Two addresses may have the same ETag for different sources, so a validator begins with the digest of its address. */
const prefixOf = ({ href }: URL) => `${shortDigest(href)} `;

function validatorOf({ header }: HttpResponse, url: URL): string | null {
  const [etag, modified] = [header('etag') ?? '', header('last-modified') ?? ''];
  if (ETAG.test(etag)) return prefixOf(url) + etag;
  return HTTP_DATE.test(modified) ? prefixOf(url) + modified : null;
}

/** The headers of a conditional request; null if the validator belongs to another address. */
function conditionFor(url: URL, validator: string | null): Record<string, string> | null {
  const prefix = prefixOf(url);
  if (validator === null || !validator.startsWith(prefix)) return null;
  const value = validator.slice(prefix.length);
  return HTTP_DATE.test(value) ? { 'if-modified-since': value } : { 'if-none-match': value };
}

function ofItem(headers: Readonly<Record<string, string>>): Record<string, string> {
  const allowed: readonly string[] = SOURCE_HEADERS;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => allowed.includes(name)));
}
