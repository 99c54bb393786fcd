import { openObjectStore } from '@pixdock/object-store/open';
import { readStoreSettings, type StoreSettings } from '@pixdock/object-store/settings';
import type { ObjectStore } from '@pixdock/object-store/types';
import { openQueue } from '@pixdock/shared/queue/queue';
import { openQueueView, type QueueView } from '@pixdock/shared/queue/queue-view';
import { setRedisTime } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { createLog } from '@pixdock/shared/runtime/log';
import { type MetadataKeys, readMetadataKeys } from '@pixdock/shared/runtime/metadata-keys';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { type CommonSettings, readCommonSettings } from '@pixdock/shared/runtime/settings';
import type { Epoch } from '@pixdock/shared/state/epoch';
import { openStaging, stagingAt, stagingFolder } from '@pixdock/shared/state/folder-staging/open-staging';
import { openIdempotency } from '@pixdock/shared/state/idempotency/idempotency';
import { openState } from '@pixdock/shared/state/open-state';
import type { RestoreParts } from '@pixdock/shared/state/restore/restore-parts';
import { text } from './messages/common.js';
import { reachRedis } from './open-redis.js';
import { CannotRun, type Context } from './run-command.js';

interface OpsConfig extends CommonSettings {
  metadataKeys: MetadataKeys;
  store: StoreSettings;
}

/** Redis, staging and the bucket, opened while the services run. */
export interface Services extends RestoreParts, AsyncDisposable {
  config: OpsConfig;
  redis: RedisConnection;
  view: QueueView;
  store: ObjectStore;
  epoch: Epoch;
  /** Whether the API has restored this Redis: it was neither emptied nor replaced since. */
  isRedisKnown: boolean;
}

/** @throws SettingsError, StartFault, CannotRun */
export async function openServices({ environment, output: { err }, language }: Context): Promise<Services> {
  const config = readSettings(
    environment,
    (read) => {
      const common = readCommonSettings(read);
      return {
        ...common,
        metadataKeys: readMetadataKeys(read),
        store: readStoreSettings(read, common.profiles),
      };
    },
    language,
  );
  const { prefix } = config.redis;
  for (const warning of config.store.warnings) err(`! ${warning}`);
  await expectStaging(config.dataDir);
  const redis = await reachRedis(config.redis);
  try {
    const staging = await openStaging(config.dataDir);
    const { epoch, images, batches } = openState(redis, prefix, staging);
    setRedisTime(await epoch.time());
    const queue = openQueue(redis, prefix);
    const view = openQueueView(redis, prefix);
    const store = openObjectStore(config.store);
    return {
      config,
      redis,
      staging,
      queue,
      view,
      store,
      epoch,
      images,
      batches,
      idempotency: openIdempotency(redis, prefix),
      // stdout is for results.
      log: createLog('pixdock-ops', {
        level: 'error',
        destination: { write: (line) => err(line.trimEnd()) },
      }),
      isRedisKnown: await epoch.isRestored(),
      async [Symbol.asyncDispose]() {
        setRedisTime(null);
        await queue.close();
        await view.close();
        redis.disconnect();
        store.stop();
      },
    };
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

/** With a wrong DATA_DIR, everything staged would look lost. @throws CannotRun if staging does not exist */
export async function expectStaging(dataDir: string): Promise<void> {
  if (await stagingAt(dataDir).exists()) return;
  const root = stagingFolder(dataDir);
  throw new CannotRun(text('staging-missing', { root }), text('staging-missing.fix'));
}
