import type { CredentialSource } from '@pixdock/object-store/credential-source';
import { refreshUrls } from '@pixdock/object-store/refresh-urls';
import { asError } from '@pixdock/shared/runtime/as-error';
import { nowMs, sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { CachePurges } from '@pixdock/shared/state/cache-purges';
import type { CdnDay } from '@pixdock/shared/state/cdn-day';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import type { CdnSettings } from './settings.js';

/** An account may refresh 50 URLs a second: a request has at most 50, and a pause of a second follows. */
const URLS_AT_ONCE = 50;
const PAUSE_MS = 1000;
/** Requests per sweep: 1000 URLs, the limit of a domain per minute. */
const REQUESTS = 20;
/** How long other workers wait after the refreshing worker dies. */
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

export function openCdnRefresher(
  { endpoint, dailyUrls }: CdnSettings,
  { redis, prefix, purges, day, credentials, log }: Parts,
  pauseMs = PAUSE_MS,
): CdnRefresher {
  const { cdnRefreshing } = recordKeys(prefix);

  /** Sends one request. Returns false if nothing more can be sent now. */
  async function sendSome(): Promise<boolean> {
    const state = await day.read(nowMs());
    if (state.isExhausted) return false;
    const remaining = dailyUrls - state.sent;
    const some = await purges.next(Math.min(URLS_AT_ONCE, remaining));
    const urls = some.flatMap((purge) => purge.urls);
    if (urls.length === 0) return false;
    if (urls.length > remaining) {
      await day.write(nowMs(), { ...state, isExhausted: true });
      return false;
    }
    // Count before sending: a crash in between must not let the next worker exceed the budget.
    const sent = state.sent + urls.length;
    await day.write(nowMs(), { ...state, sent });
    const refusal = await refreshUrls(endpoint, urls, credentials);
    if (refusal !== null) {
      await day.write(nowMs(), { ...state, isExhausted: QUOTA.test(refusal), refusal });
      log.warn({ code: refusal, urls: urls.length }, 'the CDN does not refresh deleted images; they wait');
      return false;
    }
    if (state.refusal !== null) await day.write(nowMs(), { ...state, sent, refusal: null });
    for (const purge of some) await purges.done(purge);
    return true;
  }

  async function refreshAll(signal: AbortSignal): Promise<void> {
    if ((await redis.set(cdnRefreshing, '1', 'PX', LEASE_MS, 'NX')) === null) return;
    try {
      for (let i = 0; i < REQUESTS && !signal.aborted; i++) {
        if (!(await sendSome())) return;
        await sleep(pauseMs, signal);
      }
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

/** The daily quota of the account is used up. */
const QUOTA = /^QuotaExceeded/;
