import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Credentials } from './credentials.js';
import { loopbackLookup } from './loopback.js';
import type { StoreSettings } from './settings.js';

/** The bucket, without credentials: each call has its own. */
export type ClientSettings = Pick<StoreSettings, 'endpoint' | 'region' | 'addressing' | 'bucket'>;

/** The sockets of a client, which ali-oss would otherwise share between all clients. */
export function openAgents(maxSockets: number) {
  const options = { ...AGENT_OPTIONS, maxSockets };
  return { agent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) };
}

const AGENT_OPTIONS = {
  keepAlive: true,
  maxFreeSockets: 16,
  // Shorter than the idle timeout of OSS, so that a request never races with OSS closing its connection.
  timeout: 15_000,
  lookup: loopbackLookup,
};

/** The options of an ali-oss client; its types lack half of them. */
export function clientOptions(
  settings: ClientSettings,
  { accessKeyId, accessKeySecret, securityToken }: Credentials,
  agents: ReturnType<typeof openAgents>,
  clockOffsetMs: number,
) {
  return {
    endpoint: settings.endpoint,
    region: `oss-${settings.region}`,
    bucket: settings.bucket,
    accessKeyId,
    accessKeySecret,
    // With a token but without this number, the constructor logs to the console.
    ...(securityToken === null
      ? {}
      : { stsToken: securityToken, refreshSTSTokenInterval: Number.MAX_SAFE_INTEGER }),
    authorizationV4: true,
    secure: settings.endpoint.startsWith('https:'),
    cname: settings.addressing === 'cname',
    sldEnable: settings.addressing === 'path',
    retryMax: 0,
    amendTimeSkewed: clockOffsetMs,
    ...agents,
  };
}
