import { hash, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { START } from '../messages/start.mjs';
import { SUMMARY } from '../messages/summary.mjs';
import { keepOssPort, keepServicesEnv, keptOssPort, localApiKey, localMetadataKey } from './data-dir.mjs';
import { findOrInstallRedis } from './find-or-install-redis.mjs';
import { preparePrivateRedis } from './private-redis.mjs';
import { ROOT } from './root.mjs';
import { complain, inLanguage, say } from './say.mjs';
import { nodeService, redisService } from './services.mjs';
import {
  firstKey,
  hasCredentials,
  isSet,
  mistypedOssSettings,
  mistypedSettings,
  ossEnvironment,
  wantsLocalOss,
  withLocalOss,
} from './settings.mjs';

// Threads of Node sync files to disk; with its four threads one image would wait for those of many others.
const MORE_FILE_THREADS = { UV_THREADPOOL_SIZE: '16' };
const ASK_AGAIN_MS = 500;
// Outside the range that systems choose from; 0 is any port.
const OSS_PORTS = [...Array.from({ length: 20 }, (_, index) => 9010 + index), 0];

/** Starts what the settings ask for. @param start starts one service. @returns the facts that the summary prints. */
export async function startServices(start, context) {
  const { dataDir, settings, check, signal } = context;
  if (wantsLocalOss(settings)) await reportIgnored(settings);
  const hasOwnKeys = isSet(settings, 'API_KEYS') || isSet(settings, 'API_KEYS_FILE');
  const localKey = hasOwnKeys ? null : await localApiKey(dataDir);
  const METADATA_KEY = isSet(settings, 'METADATA_KEY')
    ? settings.METADATA_KEY
    : await localMetadataKey(dataDir);
  await check(ROOT, { ...settings, DATA_DIR: dataDir, METADATA_KEY });
  const key = localKey ?? firstKey(ROOT, settings);
  const [redis, oss] = await Promise.all([
    isSet(settings, 'REDIS_URL') ? ownRedis(settings) : startRedis(start, context),
    wantsLocalOss(settings) ? startOss(start, context) : ownBucket(settings),
  ]);
  const environment = { ...oss.environment, DATA_DIR: dataDir, REDIS_URL: redis.url, METADATA_KEY };
  const servicesEnv = keepServicesEnv(ROOT, dataDir, environment);
  signal.throwIfAborted();
  const env = { ...MORE_FILE_THREADS, ...environment };
  for (const mistyped of await mistypedSettings(ROOT, environment)) {
    say(START.mistyped(mistyped));
    // Otherwise each service would report it again, in English.
    delete env[mistyped.name];
  }
  const [, api] = await Promise.all([
    start(nodeService('worker', env, context)),
    startApi(start, { ...env }, context),
  ]);
  await untilReady(api.url, signal);
  return {
    dataDir,
    apiUrl: api.url,
    consoleUrl: key === null ? `${api.url}/` : signInLink(api, key.key),
    lanes: settings.WORKER_CONCURRENCY?.trim() || availableParallelism(),
    redis: redis.words,
    oss: oss.words,
    servicesEnv,
    key,
  };
}

async function startRedis(start, context) {
  const server = await findOrInstallRedis(context.signal);
  const redis = await preparePrivateRedis(server, context.dataDir);
  await start(redisService(redis, context));
  const facts = { server: `${server.kind} ${server.version.join('.')}`, port: redis.port };
  return { url: redis.url, words: SUMMARY.privateRedis(facts) };
}

const ownRedis = ({ REDIS_URL: url }) => ({
  url,
  words: SUMMARY.ownRedis({ url: url.replace(/\/\/[^@/]*@/, '//') }),
});

const ownBucket = (settings) => ({ environment: settings, words: SUMMARY.bucket(settings) });

/** Says which settings the local OSS makes void. */
async function reportIgnored(settings) {
  if (hasCredentials(settings)) say(START.credentialsIgnored());
  for (const mistyped of await mistypedOssSettings(ROOT, settings)) say(START.bucketMistyped(mistyped));
}

/** Starts the local OSS at the port of OSS_DEV_PORT, else at its last one, since published URLs contain it. */
async function startOss(start, context) {
  const { settings, dataDir } = context;
  const kept = isSet(settings, 'OSS_DEV_PORT') ? null : keptOssPort(dataDir);
  const ports = kept === null ? OSS_PORTS : [kept, ...OSS_PORTS];
  const env = ossEnvironment(settings, ports, join(dataDir, 'oss'));
  const oss = await start({ ...nodeService('oss', env, context), quiet: true, stopMs: 5000 });
  env.OSS_DEV_PORT = String(oss.port);
  // The first port stays the remembered one: the next start returns to it, and old URLs work again.
  if (kept === null) keepOssPort(dataDir, oss.port);
  else if (oss.port !== kept) say(START.ossPortTaken({ kept, port: oss.port }));
  const environment = withLocalOss(settings, oss);
  // Reported already.
  for (const { name } of await mistypedOssSettings(ROOT, settings)) delete environment[name];
  return { environment, words: SUMMARY.localOss({ url: environment.ALIYUN_OSS_FILE_DOMAIN }) };
}

/** @returns the URL of the API, and its process */
async function startApi(start, env, context) {
  const { url, child } = await start(nodeService('api', env, context));
  // With PORT=0 the system chooses a port. A restart must use the same one, because its URL was printed.
  env.PORT = new URL(url).port || '80';
  return { url: reachableUrl(url), child };
}

/** A link that signs in to the console once, within a minute. The API gets the hash of its token. */
function signInLink({ url, child }, key) {
  const token = randomBytes(32).toString('base64url');
  child.send({ type: 'sign-in-link', tokenHash: hash('sha256', token), key });
  return `${url}/#token=${token}`;
}

/** The API starts without Redis and with a full disk, but accepts nothing. */
async function untilReady(apiUrl, signal) {
  for (let attempt = 1; ; attempt += 1) {
    const headers = { 'Accept-Language': inLanguage({ en: 'en', zh: 'zh' }) };
    const response = await fetch(`${apiUrl}/readyz`, { headers, signal }).catch(() => null);
    const fault = await response?.json();
    if (response?.ok) return;
    if (attempt === 2)
      complain(fault?.code === 'staging_full' ? START.stagingFull(fault) : START.redisAway());
    await sleep(ASK_AGAIN_MS, undefined, { signal });
  }
}

/** An address that curl can connect to, where the API listens on all addresses. */
const reachableUrl = (url) => new URL(url.replace(/\/\/(0\.0\.0\.0|\[::\])/, '//127.0.0.1')).origin;
