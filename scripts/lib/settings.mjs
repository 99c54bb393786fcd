import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { START } from '../messages/start.mjs';
import { languageOf, lineOf, SettingsProblem } from './say.mjs';

const NEEDED = ['ALIYUN_OSS_ENDPOINT', 'ALIYUN_OSS_REGION', 'ALIYUN_OSS_BUCKET', 'ALIYUN_OSS_FILE_DOMAIN'];
const CREDENTIAL = /^ALIBABA_CLOUD_(ACCESS_KEY_ID|ACCESS_KEY_SECRET|SECURITY_TOKEN)$/;

/** The settings from `.env` and the environment, which wins. */
export function readEnvironment(root, environment) {
  const file = join(root, '.env');
  if (!existsSync(file)) return { ...environment };
  try {
    // Editors on Windows begin a file with a byte order mark, which would become part of the first name.
    return { ...parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')), ...environment };
  } catch (error) {
    throw new SettingsProblem(START.dotEnvUnreadable({ file, reason: error.message }));
  }
}

/** The names of all settings. */
export function namesOfSettings(root) {
  const example = readFileSync(join(root, '.env.example'), 'utf8');
  return [...example.matchAll(/^# ([A-Z][A-Z_]+)=/gm)].map(([, name]) => name);
}

/** As the services read it: an empty value counts as unset. */
export const isSet = (environment, name) => (environment[name] ?? '').trim() !== '';

/** Relative to the checkout, wherever the command was typed. */
export const dataDirOf = (root, { DATA_DIR }) => resolve(root, DATA_DIR?.trim() || '.data');

/** Finds the first owner and key in `owner:key,owner:key` or `@file`, for the example. Returns null without one. */
export function firstKey(root, { API_KEYS = '' }) {
  const text = API_KEYS.trim();
  const file = text.startsWith('@') ? resolve(root, text.slice(1)) : null;
  if (file !== null && !existsSync(file)) return null;
  const list = file === null ? text : readFileSync(file, 'utf8');
  return /^\s*(?<owner>[^\s,:#]+):(?<key>[^\s,]+)/m.exec(list)?.groups ?? null;
}

/** True when no setting names a bucket, so that the local OSS is used. */
export const wantsLocalOss = (environment) => !NEEDED.some((name) => isSet(environment, name));

/** The names that probably mean a setting, each with the setting, which is unset. */
export async function mistypedSettings(root, environment) {
  const shared = await import(join(root, 'packages/shared/dist/runtime/mistyped-settings.js'));
  return shared.mistypedSettings(environment);
}

/** Those that mean a setting of OSS. The services do not see that it is unset: they get those of the local OSS. */
export const mistypedOssSettings = async (root, environment) =>
  (await mistypedSettings(root, environment)).filter(({ meant }) => /^ALI(YUN|BABA)_/.test(meant));

export const hasCredentials = (environment) =>
  Object.keys(environment).some((name) => CREDENTIAL.test(name) && isSet(environment, name));

/**
 * The environment of the local OSS, which takes the first free one of the ports unless OSS_DEV_PORT names one. Of the user's settings it gets only OSS_DEV_…
 * and the bucket of STAGING_URL.
 * Where other machines reach the API, they reach the published images, too.
 */
export function ossEnvironment(environment, ports, folder) {
  const kept = Object.entries(environment).filter(([name]) => /^(PATH|HOME|LANG|TZ|OSS_DEV_\w+)$/.test(name));
  const bind = environment.HOST?.trim();
  const staging = /^oss:\/\/([^/]+)/i.exec(environment.STAGING_URL?.trim() ?? '')?.[1];
  return {
    ...(bind && { OSS_DEV_BIND: bind, OSS_DEV_ALLOW_NON_LOOPBACK: 'true' }),
    ...Object.fromEntries(kept),
    OSS_DEV_PORT: environment.OSS_DEV_PORT?.trim() || ports.join(),
    OSS_DEV_DATA_DIR: folder,
    ...(staging && {
      OSS_DEV_PRIVATE_BUCKETS: `${environment.OSS_DEV_PRIVATE_BUCKETS?.trim() || SAMPLE_OSS.privateBuckets},${staging}`,
    }),
  };
}

/** The environment of API and worker on the local OSS, from what it reports when it is ready. */
export function withLocalOss(environment, oss) {
  const { ALIBABA_CLOUD_SECURITY_TOKEN: _, ...rest } = environment;
  return {
    ...rest,
    ALIYUN_OSS_ENDPOINT: oss.endpoint,
    ALIYUN_OSS_REGION: oss.region,
    ALIYUN_OSS_BUCKET: oss.bucket,
    ALIYUN_OSS_ADDRESSING: 'path',
    ALIYUN_OSS_FILE_DOMAIN: `${oss.publicUrl}/${oss.bucket}`,
    ALIYUN_OSS_PRIVATE_BUCKET: oss.privateBuckets[0],
    ALIYUN_OSS_PRIVATE_FILE_DOMAIN: `${oss.publicUrl}/${oss.privateBuckets[0]}`,
    ALIBABA_CLOUD_ACCESS_KEY_ID: oss.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: oss.accessKeySecret,
  };
}

/** What Redis and the local OSS report when they are ready, for a check before they start. */
const SAMPLE_REDIS = 'redis://127.0.0.1:6379';
const SAMPLE_OSS = {
  endpoint: 'http://localhost:9010',
  publicUrl: 'http://localhost:9010',
  bucket: 'pixdock-dev',
  privateBuckets: ['pixdock-dev-private'],
  region: 'cn-hangzhou',
  accessKeyId: 'id',
  accessKeySecret: 'secret',
};

/**
 * Checks the settings of API and worker together before anything starts, and reports names that look like a setting.
 * @throws SettingsProblem with every fault.
 */
export async function checkSettings(root, environment) {
  const runtime = await import(join(root, 'packages/shared/dist/runtime/check-settings.js'));
  const { readApiConfig } = await import(join(root, 'apps/api/dist/config.js'));
  const { readWorkerConfig } = await import(join(root, 'apps/worker/dist/config.js'));
  const language = languageOf(environment);
  const settings = wantsLocalOss(environment) ? withLocalOss(environment, SAMPLE_OSS) : { ...environment };
  if (!isSet(settings, 'REDIS_URL')) settings.REDIS_URL = SAMPLE_REDIS;
  const missing = NEEDED.filter((name) => !isSet(settings, name));
  const present = NEEDED.filter((name) => !missing.includes(name));
  const problems = missing.length === 0 ? [] : [lineOf(START.bucketIncomplete({ present, missing }))];
  if (wantsLocalOss(environment) && !isPort(environment.OSS_DEV_PORT))
    problems.push(lineOf(START.ossPortInvalid({ port: environment.OSS_DEV_PORT })));
  const wrongHost = await findWrongHost(root, settings, language);
  const readHost = () => {
    if (wrongHost !== null) throw wrongHost;
  };
  try {
    runtime.checkSettings([readApiConfig, readWorkerConfig, readHost], settings, language);
  } catch (error) {
    if (error.name !== 'SettingsError') throw error;
    // The sentence about the bucket names these.
    const others = error.faults.filter(({ name }) => !missing.includes(name));
    if (others.length > 0) problems.push(new error.constructor(others, language).message);
  }
  if (problems.length > 0) throw new SettingsProblem(problems.join('\n'));
}

/** Whether a setting is empty or a port; 0 is any. */
const isPort = (text = '') => /^\d*$/.test(text.trim()) && Number(text) <= 65_535;

/** The SettingsError of a HOST that is not an address of this machine; null for any other. The local OSS listens there first. */
async function findWrongHost(root, { HOST = '' }, language) {
  const host = HOST.trim();
  if (host === '') return null;
  const { listen } = await import(join(root, 'packages/shared/dist/runtime/listen.js'));
  const server = createServer();
  try {
    await listen(server, { host, port: 0, setting: 'HOST' });
    return null;
  } catch (error) {
    if (error.name !== 'StartFault') throw error;
    return error.toSettingsError(language);
  } finally {
    server.close();
  }
}
