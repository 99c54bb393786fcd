import { readStagingSettings, type StagingSettings } from '@pixdock/object-store/staging-settings';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { connectRedis, type RedisConnection, type RedisSettings } from '@pixdock/shared/runtime/redis';
import { hostsOf, refusalOf } from '@pixdock/shared/runtime/redis-check';
import { readCommonSettings } from '@pixdock/shared/runtime/settings';
import { text } from './messages/common.js';
import { CannotRun, type Context } from './run-command.js';

interface OpenRedis extends Disposable {
  redis: RedisConnection;
  /** Of all keys in Redis. */
  prefix: string;
  staging: StagingSettings;
}

const PING_MS = 5000;

/** Connects to Redis, for commands that need no bucket. @throws SettingsError, StartFault, CannotRun */
export async function openRedis({ environment, language }: Context): Promise<OpenRedis> {
  const { settings, staging } = readSettings(
    environment,
    (read) => ({ settings: readCommonSettings(read).redis, staging: readStagingSettings(read) }),
    language,
  );
  const redis = await reachRedis(settings);
  return { redis, prefix: settings.prefix, staging, [Symbol.dispose]: () => redis.disconnect() };
}

/** @throws StartFault if the credentials are refused or the server is not Redis, CannotRun if it does not respond in time */
export async function reachRedis(settings: RedisSettings): Promise<RedisConnection> {
  const hosts = hostsOf(settings.url);
  let lastError: Error | undefined;
  const redis = connectRedis(settings, 'patient', (error) => {
    lastError = error;
  });
  const timeout = new AbortController();
  const response = await Promise.race([redis.ping().catch(asError), sleep(PING_MS, timeout.signal)]);
  timeout.abort();
  if (response === 'PONG') return redis;
  redis.disconnect();
  const reason = response instanceof Error ? response : lastError;
  throw (
    (reason && refusalOf(reason, hosts)) ??
    new CannotRun(
      text('redis-unavailable', { hosts, reason: reason?.message ?? null }),
      text('redis-unavailable.fix'),
    )
  );
}
