import { availableParallelism } from 'node:os';
import { firstKey } from './api-keys.mjs';
import { keepServicesEnv, localApiKey } from './data-dir.mjs';
import { isSet } from './environment.mjs';
import { findOrInstallRedis } from './install-redis.mjs';
import { wantsLocalOss } from './oss-settings.mjs';
import { preparePrivateRedis } from './private-redis.mjs';
import { say } from './say.mjs';
import { apiService, redisService, workerService } from './services.mjs';
import { startOss } from './start-oss.mjs';

/** Starts all that the settings ask for. @returns what the summary tells. */
export async function startServices(stack, { root, dataDir, mains, settings, signal }) {
  const folders = { root, dataDir };
  const local = wantsLocalOss(settings);
  const server = isSet(settings, 'REDIS_URL') ? null : await findOrInstallRedis({ signal });
  say('Starting …');
  const [redis, oss] = await Promise.all([
    server === null ? givenRedis(settings) : startRedis(stack, server, folders),
    local ? startOss(stack, mains.oss, settings, folders) : givenOss(settings),
  ]);
  const made = isSet(settings, 'API_KEYS') ? null : localApiKey(dataDir);
  const environment = {
    ...oss.environment,
    DATA_DIR: dataDir,
    REDIS_URL: redis.url,
    ...(made === null ? {} : { API_KEYS: `local:${made}` }),
  };
  const chosen = Object.entries(environment).filter(
    ([name, value]) => name === 'DATA_DIR' || value !== settings[name],
  );
  const servicesEnv = keepServicesEnv(dataDir, chosen);
  signal.throwIfAborted();
  const [, api] = await Promise.all([
    stack.start(workerService(mains.worker, environment, folders)),
    stack.start(apiService(mains.api, environment, folders)),
  ]);
  return {
    root,
    dataDir,
    apiUrl: reachable(api.url),
    lanes: isSet(settings, 'WORKER_CONCURRENCY')
      ? settings.WORKER_CONCURRENCY.trim()
      : availableParallelism(),
    redis: redis.words,
    oss: oss.words,
    servicesEnv,
    key: made === null ? firstKey(root, settings) : { owner: 'local', key: made },
  };
}

async function startRedis(stack, server, folders) {
  const redis = await preparePrivateRedis(server, folders.dataDir);
  await stack.start(redisService(redis, folders));
  return {
    url: redis.url,
    words: `private ${server.kind} ${server.version.join('.')} on 127.0.0.1:${redis.port}, append-only file`,
  };
}

function givenRedis({ REDIS_URL }) {
  return { url: REDIS_URL, words: `yours, ${REDIS_URL.replace(/\/\/[^@/]*@/, '//')}` };
}

function givenOss(settings) {
  return {
    environment: settings,
    words: `bucket ${settings.ALIYUN_OSS_BUCKET} at ${settings.ALIYUN_OSS_ENDPOINT}, published as ${settings.ALIYUN_OSS_FILE_DOMAIN}`,
  };
}

/** An address to type: "all addresses" is none. */
function reachable(url) {
  const { protocol, hostname, port } = new URL(url);
  const host = ['0.0.0.0', '[::]'].includes(hostname) ? '127.0.0.1' : hostname;
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}`;
}
