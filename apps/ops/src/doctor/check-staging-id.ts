import type { Text } from '@pixdock/contract/messages/text';
import { stagingOf } from '@pixdock/object-store/staging';
import type { StagingSettings } from '@pixdock/object-store/staging-settings';
import type { RedisSettings } from '@pixdock/shared/runtime/redis';
import { openEpoch } from '@pixdock/shared/state/epoch';
import { STAGING_ID } from '@pixdock/shared/state/staging-id';
import { text } from '../messages/doctor.js';
import { reachRedis } from '../open-redis.js';
import { CannotRun } from '../run-command.js';

/**
 * Compares the id of staging with the one in Redis.
 * @param redisSettings null before there is a Redis
 * @throws OtherStaging, or another StartFault if Redis refuses the credentials
 */
export async function checkStagingId(
  settings: StagingSettings,
  redisSettings: RedisSettings | null,
): Promise<Text> {
  const staging = stagingOf(settings);
  const id = await staging.notes.read(STAGING_ID);
  // Only services give staging its id.
  if (id === null) return text('no-staging-id', staging);
  if (redisSettings === null) return text('staging-not-compared', { id, reason: text('no-redis-url') });
  try {
    const redis = await reachRedis(redisSettings);
    await openEpoch(redis, redisSettings.prefix, staging)
      .isRestored()
      .finally(() => redis.disconnect());
    return text('staging-id', { id });
  } catch (error) {
    if (error instanceof CannotRun) return text('staging-not-compared', { id, reason: error.problem });
    throw error;
  }
}
