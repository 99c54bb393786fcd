import type { Language } from '@pixdock/contract/messages/text';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { connectRedis, type RedisConnection, type RedisSettings } from '@pixdock/shared/runtime/redis';
import { hostsOf, refusalOf } from '@pixdock/shared/runtime/redis-check';
import { readCommonSettings } from '@pixdock/shared/runtime/settings';
import type { Environment } from './dot-env.js';
import { text } from './messages/common.js';
import { CannotRun } from './run-command.js';

interface Installation {
  dataDir: string;
  /** Of all keys in Redis. */
  prefix: string;
}

const PING_MS = 5000;

/** Calls `use` with a connection to Redis, for commands that need no bucket. @throws SettingsError, CannotRun */
export async function withRedis<T>(
  environment: Environment,
  language: Language,
  use: (redis: RedisConnection, installation: Installation) => Promise<T>,
): Promise<T> {
  const { dataDir, redis: settings } = readSettings(environment, readCommonSettings, language);
  const redis = connectRedis(settings, 'patient');
  try {
    await expectRedis(redis, settings);
    return await use(redis, { dataDir, prefix: settings.prefix });
  } finally {
    redis.disconnect();
  }
}

/** @throws StartFault if the credentials are refused or the server is not Redis, CannotRun if it does not respond in time */
export async function expectRedis(redis: RedisConnection, { url }: RedisSettings): Promise<void> {
  const hosts = hostsOf(url);
  let lastError: Error | undefined;
  redis.on('error', (error) => {
    lastError = error;
  });
  const timeout = new AbortController();
  const response = await Promise.race([redis.ping().catch(asError), sleep(PING_MS, timeout.signal)]);
  timeout.abort();
  if (response === 'PONG') return;
  const reason = response instanceof Error ? response : lastError;
  throw (
    (reason && refusalOf(reason, hosts)) ??
    new CannotRun(
      text('redis-unavailable', { hosts, reason: reason?.message ?? null }),
      text('redis-unavailable.fix'),
    )
  );
}
