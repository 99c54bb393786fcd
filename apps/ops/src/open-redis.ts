import type { Language } from '@pixdock/contract/messages/text';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { connectRedis, type RedisConnection } from '@pixdock/shared/runtime/redis';
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
  let lastError: Error | undefined;
  const redis = connectRedis(settings, 'patient', (error) => {
    lastError = error;
  });
  try {
    await expectRedis(redis, () => lastError);
    return await use(redis, { dataDir, prefix: settings.prefix });
  } finally {
    redis.disconnect();
  }
}

/** @throws CannotRun if Redis does not respond in time */
export async function expectRedis(redis: RedisConnection, lastError: () => Error | undefined): Promise<void> {
  const timeout = new AbortController();
  const response = await Promise.race([redis.ping().catch(asError), sleep(PING_MS, timeout.signal)]);
  timeout.abort();
  if (response === 'PONG') return;
  const reason = response instanceof Error ? response : lastError();
  throw new CannotRun(
    text('redis-unavailable', { reason: reason?.message ?? null }),
    text('redis-unavailable.fix'),
  );
}
