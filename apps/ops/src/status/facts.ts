import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Detail } from '@pixdock/contract/messages/detail';
import type { Text } from '@pixdock/contract/messages/text';
import { problemSchema } from '@pixdock/contract/problem';
import { stagingOf } from '@pixdock/object-store/staging';
import { readStagingSettings } from '@pixdock/object-store/staging-settings';
import { asError } from '@pixdock/shared/runtime/as-error';
import { setRedisTime, sleep } from '@pixdock/shared/runtime/clock';
import { readSettings, type SettingsReader } from '@pixdock/shared/runtime/env';
import { fresh } from '@pixdock/shared/runtime/fresh';
import { connectRedis, type RedisConnection } from '@pixdock/shared/runtime/redis';
import { refusalOf } from '@pixdock/shared/runtime/redis-check';
import { readCommonSettings } from '@pixdock/shared/runtime/settings';
import { OtherStaging, openEpoch } from '@pixdock/shared/state/epoch';
import type { BytesByUse } from '@pixdock/shared/state/folder-staging/usage-counter';
import { type OutcomeCount, openOutcomeCounts } from '@pixdock/shared/state/service/outcome-counts';
import { readWrongClocks, type WrongClock } from '@pixdock/shared/state/service/redis-clock';
import { openServiceState, type ServiceState } from '@pixdock/shared/state/service/service-state';
import { findFullRedis } from '@pixdock/shared/state/space';
import type { UnopenedStaging } from '@pixdock/shared/state/staging';
import { STAGING_ID } from '@pixdock/shared/state/staging-id';
import type { Context } from '../run-command.js';

/** What `pixdock-ops status` finds. */
export interface Facts {
  redis:
    | {
        isUp: true;
        state: ServiceState;
        outcomes: OutcomeCount[];
        full: Detail | null;
        /** Not null if Redis belongs to another staging. */
        otherStaging: { problem: Text; fix: Text } | null;
        wrongClocks: WrongClock[];
      }
    | { isUp: false; reason: string /** Null if starting Redis may help. */; fix: Text | null };
  /** Null if it does not exist. `id`: null before its first use. `full`: what is full below it, and by what. */
  staging: {
    id: string | null;
    limit: number;
    byUse: BytesByUse;
    full: Detail | null;
  } | null;
  /** Where staging is, or is expected. */
  place: string;
  api: ApiState;
}

export interface ApiState {
  url: string;
  /** Whether the operator named the URL, so that an API without a response is a problem. */
  isGiven: boolean;
  readiness: 'ready' | 'unreachable' | ErrorCode;
}

/** A count of staging reads every file. */
const COUNT_EVERY_MS = 10_000;
const REDIS_MS = 3000;
const API_MS = 3000;

interface Reader extends Disposable {
  read(): Promise<Facts>;
}

/** @param api base URL of the API; by default that of the settings @throws SettingsError, StartFault */
export function openReader({ environment, language }: Context, api: string | undefined): Reader {
  const { settings, stagingSettings, ownUrl } = readSettings(
    environment,
    (read) => ({
      settings: readCommonSettings(read),
      stagingSettings: readStagingSettings(read),
      ownUrl: readApiUrl(read),
    }),
    language,
  );
  const staging = stagingOf(stagingSettings);
  const url = api ?? ownUrl;
  let lastError: Error | null = null;
  const redis = connectRedis(settings.redis, 'patient', (error) => {
    lastError = error;
  });
  const readAll = openRedisReader(redis, settings.redis.prefix, staging, () => lastError);
  const countStaging = fresh(() => readStaging(staging, settings.stagingMaxBytes), COUNT_EVERY_MS);
  return {
    async read() {
      const [redisState, usage, apiState] = await Promise.all([
        readAll(),
        countStaging(),
        readApi(url, api !== undefined),
      ]);
      return { redis: redisState, staging: usage, place: staging.place, api: apiState };
    },
    [Symbol.dispose]() {
      redis.disconnect();
      setRedisTime(null);
    },
  };
}

function openRedisReader(
  redis: RedisConnection,
  prefix: string,
  staging: UnopenedStaging,
  lastError: () => Error | null,
): () => Promise<Facts['redis']> {
  const readState = openServiceState(redis, prefix);
  const outcomeCounts = openOutcomeCounts(redis, prefix);
  const epoch = openEpoch(redis, prefix, staging);
  const readOtherStaging = async () => {
    // Only services give staging its id.
    if ((await staging.notes.read(STAGING_ID)) === null) return null;
    return epoch.isRestored().then(
      () => null,
      (error) => {
        if (!(error instanceof OtherStaging)) throw error;
        return { problem: error.problem, fix: error.fix };
      },
    );
  };
  return async () => {
    const timeout = new AbortController();
    const late = sleep(REDIS_MS, timeout.signal).then(() => {
      throw lastError() ?? new Error('no response');
    });
    late.catch(() => {});
    try {
      setRedisTime(await Promise.race([epoch.time(), late]));
      const reads = Promise.all([
        readState(),
        outcomeCounts.read(),
        findFullRedis(redis),
        readOtherStaging(),
        readWrongClocks(redis, prefix),
      ]);
      const [state, outcomes, full, otherStaging, wrongClocks] = await Promise.race([reads, late]);
      return { isUp: true, state, outcomes, full, otherStaging, wrongClocks };
    } catch (error) {
      const { message } = asError(error);
      return { isUp: false, reason: message, fix: refusalOf(asError(error), '')?.fix ?? null };
    } finally {
      timeout.abort();
    }
  };
}

/** The address of the API of these settings, from its own host. */
export function readApiUrl(read: SettingsReader): string {
  const [host, port] = [read.text('HOST', '127.0.0.1'), read.port('PORT', 3000)];
  return `http://${/^(0\.0\.0\.0|::)$/.test(host) ? '127.0.0.1' : host}:${port}`;
}

/** Asks `/readyz`. */
export async function readApi(url: string, isGiven: boolean): Promise<ApiState> {
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(API_MS) });
    if (response.ok) return { url, isGiven, readiness: 'ready' };
    return { url, isGiven, readiness: problemSchema.parse(await response.json()).code };
  } catch {
    // Also a server that is not Pixdock.
    return { url, isGiven, readiness: 'unreachable' };
  }
}

/** As the API: it accepts nothing while staging has less space. */
const MIN_FREE_BYTES = 1024 ** 2;

/** Counts the files in staging. */
async function readStaging(staging: UnopenedStaging, limit: number): Promise<Facts['staging']> {
  if (!(await staging.exists())) return null;
  const byUse = await staging.bytesByUse();
  const full = await staging.findFull({
    usedBytes: Object.values(byUse).reduce((sum, bytes) => sum + bytes, 0),
    maxBytes: limit,
    neededBytes: MIN_FREE_BYTES,
  });
  const id = await staging.notes.read(STAGING_ID);
  return { id, limit, byUse, full };
}
