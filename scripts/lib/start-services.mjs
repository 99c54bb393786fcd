import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { START } from '../messages/start.mjs';
import { SUMMARY } from '../messages/summary.mjs';
import { keepServicesEnv, localApiKey } from './data-dir.mjs';
import { firstKey, isSet } from './environment.mjs';
import { findOrInstallRedis } from './install-redis.mjs';
import { wantsLocalOss } from './oss-settings.mjs';
import { preparePrivateRedis } from './private-redis.mjs';
import { complain } from './say.mjs';
import { apiService, redisService, workerService } from './services.mjs';
import { startOss } from './start-oss.mjs';

const ASK_AGAIN_MS = 500;

/** Starts what the settings ask for. @returns the facts that the summary prints. */
export async function startServices(stack, context, { mains, settings, signal }) {
  const { root, dataDir } = context;
  const [redis, oss] = await Promise.all([
    isSet(settings, 'REDIS_URL') ? ownRedis(settings) : startRedis(stack, context, signal),
    wantsLocalOss(settings) ? startOss(stack, mains.oss, settings, context) : ownBucket(settings),
  ]);
  const hasOwnKeys = isSet(settings, 'API_KEYS') || isSet(settings, 'API_KEYS_FILE');
  const generated = hasOwnKeys ? null : await localApiKey(root, dataDir);
  const environment = { ...oss.environment, DATA_DIR: dataDir, REDIS_URL: redis.url };
  const isChosen = ([name, value]) => name === 'DATA_DIR' || value !== settings[name];
  const servicesEnv = keepServicesEnv(dataDir, Object.entries(environment).filter(isChosen));
  signal.throwIfAborted();
  await context.check(root, environment);
  const [, api] = await Promise.all([
    stack.start(workerService(mains.worker, environment, context)),
    stack.start(apiService(mains.api, environment, context)),
  ]);
  const apiUrl = reachableUrl(api.url);
  await untilReady(apiUrl, signal);
  return {
    root,
    dataDir,
    apiUrl,
    lanes: settings.WORKER_CONCURRENCY?.trim() || availableParallelism(),
    redis: redis.words,
    oss: oss.words,
    servicesEnv,
    key: generated === null ? firstKey(root, settings) : { owner: 'local', key: generated },
  };
}

/** The API starts without Redis and with a full disk, but accepts nothing. */
async function untilReady(apiUrl, signal) {
  const readFault = () =>
    fetch(`${apiUrl}/readyz`, { signal }).then(
      async (response) => (response.ok ? null : (await response.json()).code),
      () => 'unreachable',
    );
  for (let attempt = 1; ; attempt += 1) {
    const fault = await readFault();
    if (fault === null) return;
    if (attempt === 2) complain(fault === 'staging_full' ? START.stagingFull() : START.redisAway());
    await sleep(ASK_AGAIN_MS, undefined, { signal });
  }
}

async function startRedis(stack, context, signal) {
  const server = await findOrInstallRedis(signal);
  const redis = await preparePrivateRedis(server, context.dataDir);
  await stack.start(redisService(redis, context));
  const facts = { server: `${server.kind} ${server.version.join('.')}`, port: redis.port };
  return { url: redis.url, words: SUMMARY.privateRedis(facts) };
}

function ownRedis({ REDIS_URL }) {
  return { url: REDIS_URL, words: SUMMARY.ownRedis({ url: REDIS_URL.replace(/\/\/[^@/]*@/, '//') }) };
}

function ownBucket(settings) {
  return { environment: settings, words: SUMMARY.bucket(settings) };
}

/** An address that curl can connect to, where the API listens on all addresses. */
const reachableUrl = (url) => new URL(url.replace(/\/\/(0\.0\.0\.0|\[::\])/, '//127.0.0.1')).origin;
