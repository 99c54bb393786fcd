import { access } from 'node:fs/promises';
import { openObjectStore } from '@pixdock/object-store/open';
import { readStoreSettings, type StoreSettings } from '@pixdock/object-store/settings';
import type { ObjectStore } from '@pixdock/object-store/types';
import { openQueue, openQueueView, type QueueView } from '@pixdock/shared/queue/queue';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { createLog } from '@pixdock/shared/runtime/log';
import { connectRedis, type RedisConnection } from '@pixdock/shared/runtime/redis';
import { type CommonSettings, readCommonSettings } from '@pixdock/shared/runtime/settings';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import { openBatches } from '@pixdock/shared/state/records/batches';
import { openIdempotency } from '@pixdock/shared/state/records/idempotency';
import { openRecords } from '@pixdock/shared/state/records/records';
import { type RestoreParts, watchEpoch } from '@pixdock/shared/state/restore';
import { openStaging } from '@pixdock/shared/state/staging';
import { CannotRun } from './cannot-run.js';
import type { Environment } from './dot-env.js';
import type { Output } from './output.js';

interface OpsConfig extends CommonSettings {
  store: StoreSettings;
}

/** What the services keep, opened beside them. */
export interface OpsParts extends RestoreParts {
  config: OpsConfig;
  redis: RedisConnection;
  view: QueueView;
  store: ObjectStore;
  /** Whether Redis is still the one that the API last restored into: neither emptied since, nor another. */
  isRedisKnown: boolean;
  stop(): Promise<void>;
}

const PING_MS = 5000;

/** @throws SettingsError, CannotRun */
export async function openParts(environment: Environment, { err }: Output): Promise<OpsParts> {
  const config = readSettings(environment, (read) => ({
    ...readCommonSettings(read),
    store: readStoreSettings(read),
  }));
  const { prefix } = config.redis;
  for (const warning of config.store.warnings) err(`! ${warning}`);
  await expectFolder(config.dataDir);
  let lastError: Error | undefined;
  const redis = connectRedis(config.redis, 'patient', (error) => {
    lastError = error;
  });
  try {
    await expectRedis(redis, () => lastError);
    const staging = await openStaging(config.dataDir);
    const queue = openQueue(redis, prefix, () => {});
    const view = openQueueView(redis, prefix, () => {});
    const store = openObjectStore(config.store);
    return {
      config,
      redis,
      staging,
      queue,
      view,
      store,
      records: openRecords(redis, prefix),
      batches: openBatches(redis, prefix),
      idempotency: openIdempotency(redis, prefix),
      // Results go to stdout.
      log: createLog('pixdock-ops', {
        level: 'error',
        destination: { write: (line) => err(line.trimEnd()) },
      }),
      isRedisKnown: !(await watchEpoch(redis, prefix).isNew()),
      async stop() {
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

// With a wrong DATA_DIR, all that is staged would seem lost.
export async function expectFolder(dataDir: string): Promise<void> {
  const { root } = stagingLayout(dataDir);
  await access(root).catch(() => {
    throw new CannotRun(
      { en: `there is no ${root}`, zh: `${root} 不存在` },
      {
        en: 'Set DATA_DIR to that of the API and the workers. If that folder is lost, start the API once: it makes an empty one.',
        zh: '请将 DATA_DIR 设为 API 与 worker 所用的目录。若该目录已丢失，请先启动一次 API，它会新建空目录。',
      },
    );
  });
}

async function expectRedis(redis: RedisConnection, lastError: () => Error | undefined): Promise<void> {
  const late = new AbortController();
  const answer = await Promise.race([redis.ping().catch(asError), sleep(PING_MS, late.signal)]);
  late.abort();
  if (answer === 'PONG') return;
  const reason = answer instanceof Error ? answer : lastError();
  const because = reason === undefined ? '' : `: ${reason.message}`;
  throw new CannotRun(
    { en: `Redis does not serve us at REDIS_URL${because}`, zh: `REDIS_URL 处的 Redis 不可用${because}` },
    {
      en: 'Set REDIS_URL, with its password, to that of the API and the workers, and see that Redis runs. `npm start` says where it wrote its own.',
      zh: '请将 REDIS_URL（含密码）设为 API 与 worker 所用的地址，并确认 Redis 正在运行。`npm start` 会说明其私有地址写在何处。',
    },
  );
}
