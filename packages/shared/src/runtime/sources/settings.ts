import type { SettingsReader } from '../env.js';
import { say } from '../messages/sources.js';
import { endpointOf } from './endpoint.js';

/** Which addresses of sources and webhooks are permitted. */
export interface SourceSettings {
  /** `host:port` as formatted by `endpointOf`: exempt from the rules on names, addresses and ports. */
  allow: ReadonlySet<string>;
  ports: ReadonlySet<number>;
}

const HIGHEST_PORT = 65_535;

/** SOURCE_PORTS and SOURCE_ALLOW. */
export function readSourceSettings(read: SettingsReader): SourceSettings {
  return { ports: new Set(readPorts(read)), allow: new Set(readAllow(read, 'SOURCE_ALLOW')) };
}

/** SOURCE_PORTS and WEBHOOK_ALLOW. */
export function readWebhookSettings(read: SettingsReader, { ports }: SourceSettings): SourceSettings {
  return { ports, allow: new Set(readAllow(read, 'WEBHOOK_ALLOW')) };
}

function readPorts(read: SettingsReader): number[] {
  return read.list('SOURCE_PORTS', ['80', '443']).flatMap((item) => {
    if (isPort(item)) return [Number(item)];
    const problem = say(read.language, 'not-a-port', { raw: item, max: HIGHEST_PORT });
    read.fault('SOURCE_PORTS', problem, say(read.language, 'not-a-port.fix'));
    return [];
  });
}

function readAllow(read: SettingsReader, name: string): string[] {
  return read.list(name).flatMap((item) => {
    const key = allowedKey(item);
    if (key !== null) return [key];
    const problem = say(read.language, 'not-a-host-with-port', { raw: item });
    read.fault(name, problem, say(read.language, 'not-a-host-with-port.fix'));
    return [];
  });
}

/** Uses the parser that also reads the sources, so that both spell a host the same way. */
function allowedKey(item: string): string | null {
  const [, host, port] = /^(.+):(\d+)$/.exec(item) ?? [];
  if (host === undefined || port === undefined || !isPort(port)) return null;
  const address = `http://${host}/`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.href !== `http://${url.hostname}/` || !HOST.test(url.hostname)) return null;
  url.port = port;
  return endpointOf(url).key;
}

/** The parser also accepts characters that no host has, such as `*`. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:]+\])$/;

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= HIGHEST_PORT;
}
