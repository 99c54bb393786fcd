import type { CredentialSource } from '@pixdock/object-store/credential-source';
import { refreshUrls } from '@pixdock/object-store/refresh-urls';
import { asError } from '@pixdock/shared/runtime/as-error';
import { nowMs, sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { CachePurges, Purge } from '@pixdock/shared/state/cache-purges';
import type { CdnDay } from '@pixdock/shared/state/cdn-day';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import type { CdnSettings } from './settings.js';

/** An account may refresh 50 URLs a second: a request has at most 50, and a pause of a second follows. */
const URLS_AT_ONCE = 50;
const PAUSE_MS = 1000;
/** Requests per sweep: 1000 URLs, the limit of a domain per minute. */
const REQUESTS = 20;
/** No request begins after this time, however slowly the CDN responds: a sweep begins each minute. */
const MAX_MS = 45_000;
/** How long other workers wait after the refreshing worker dies; longer than a refresh takes. */
const LEASE_MS = 90_000;

/** Refreshes the URLs of deleted images on the CDN. */
export interface CdnRefresher {
  /** Sends the waiting URLs, within the limits of the account. Never throws. */
  refresh(signal: AbortSignal): Promise<void>;
}

interface Parts {
  redis: RedisConnection;
  prefix: string;
  purges: CachePurges;
  day: CdnDay;
  credentials: CredentialSource;
  log: Logger;
}

/** One refresh. */
interface Run {
  isOver: AbortSignal;
  /** Purges that wait. */
  waiting: number;
}

export function openCdnRefresher(
  { endpoint, dailyUrls }: CdnSettings,
  { redis, prefix, purges, day, credentials, log }: Parts,
  pauseMs = PAUSE_MS,
): CdnRefresher {
  const { cdnRefreshing } = recordKeys(prefix);

  /** Groups purges into requests. A purge that the CDN has refused before is sent alone. */
  async function* requestsOf(names: readonly string[]): AsyncGenerator<Purge[]> {
    let some: Purge[] = [];
    for (const name of names) {
      const purge = await purges.read(name);
      if (purge === null) continue;
      if (purge === 'unreadable') {
        await purges.remove(name);
        log.error({ note: name }, UNREADABLE);
        continue;
      }
      const isFull = purge.isRefused || urlsOf([...some, purge]).length > URLS_AT_ONCE;
      if (isFull && some.length > 0) {
        yield some;
        some = [];
      }
      some.push(purge);
    }
    if (some.length > 0) yield some;
  }

  /** Sends as many of the purges as today's quota permits. Returns false if nothing more can be sent now. */
  async function send(all: readonly Purge[], run: Run): Promise<boolean> {
    // One time for all: a response that comes after midnight belongs to the day before.
    const now = nowMs();
    const state = await day.read(now);
    if (state.isExhausted) return false;
    const some = firstOf(all, dailyUrls - state.sent);
    const urls = urlsOf(some);
    if (some.length === 0) {
      await day.write(now, { ...state, isExhausted: true });
      return false;
    }
    // Count before sending: a crash in between must not let the next worker exceed the budget.
    const sent = state.sent + urls.length;
    await day.write(now, { ...state, sent });
    const refusal = await refreshUrls(endpoint, urls, credentials);
    if (refusal === null) {
      if (state.refusal !== null) await day.write(now, { ...state, sent, refusal: null });
      for (const purge of some) await purges.remove(purge.name);
      run.waiting -= some.length;
      return true;
    }
    await day.write(now, { ...state, isExhausted: QUOTA.test(refusal), refusal });
    log.warn({ code: refusal, urls: urls.length }, 'the CDN does not refresh deleted images; they wait');
    return OF_URLS.test(refusal) && (await isolate(some, run));
  }

  /** Finds the purges whose URLs the CDN refuses, and sends the others. */
  async function isolate(some: readonly Purge[], run: Run): Promise<boolean> {
    const [one, ...others] = some;
    if (one !== undefined && others.length === 0) {
      await purges.setAside(one);
      return !one.isRefused;
    }
    const half = Math.ceil(some.length / 2);
    return sendAll([some.slice(0, half), some.slice(half)], run);
  }

  async function sendAll(
    requests: AsyncIterable<readonly Purge[]> | Iterable<readonly Purge[]>,
    run: Run,
  ): Promise<boolean> {
    let count = 0;
    for await (const request of requests) {
      if (run.isOver.aborted || count++ === REQUESTS || !(await send(request, run))) return false;
      await sleep(pauseMs, run.isOver);
    }
    return true;
  }

  async function refreshAll(signal: AbortSignal): Promise<void> {
    if ((await redis.set(cdnRefreshing, '1', 'PX', LEASE_MS, 'NX')) === null) return;
    try {
      const { names, total } = await purges.next(REQUESTS * URLS_AT_ONCE);
      const run = { isOver: AbortSignal.any([signal, AbortSignal.timeout(MAX_MS)]), waiting: total };
      await sendAll(requestsOf(names), run);
      const now = nowMs();
      const state = await day.read(now);
      if (state.waiting !== run.waiting) await day.write(now, { ...state, waiting: run.waiting });
    } finally {
      await redis.del(cdnRefreshing);
    }
  }

  return {
    refresh: (signal) =>
      refreshAll(signal).catch((error: unknown) =>
        log.warn({ err: asError(error) }, 'the refresh of deleted images on the CDN failed; they wait'),
      ),
  };
}

const UNREADABLE =
  'the note with the URLs of a deleted image is damaged and was removed; refresh the image on the CDN by hand';
/** The daily quota of the account is used up. */
const QUOTA = /^QuotaExceeded/;
/** A URL is not one of the account, for example of a domain that was in use before. */
const OF_URLS = /^Invalid(Domain|ObjectPath)/;

const urlsOf = (some: readonly Purge[]) => some.flatMap(({ urls }) => urls);

/** The first ones, with at most so many URLs. */
function firstOf(all: readonly Purge[], maxUrls: number): Purge[] {
  let urls = 0;
  const tooMany = all.findIndex((purge) => (urls += purge.urls.length) > maxUrls);
  return tooMany === -1 ? [...all] : all.slice(0, tooMany);
}
