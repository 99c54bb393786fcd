import type { OssDevOptions } from './start.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** Reads the `OSS_DEV_*` settings. @throws one Error that lists every fault */
export function readConfig(env: Env): OssDevOptions {
  const faults: string[] = [];
  if (env['NODE_ENV'] === 'production') {
    faults.push('NODE_ENV is production: the local OSS is for development only. Use a real bucket.');
  }
  const text = (name: string, fallback: string) => env[name] || fallback;
  const list = (name: string, fallback: string) =>
    text(name, fallback)
      .split(',')
      .map((item) => item.trim());
  const flag = (name: string) => {
    const value = text(name, 'false');
    if (value !== 'true' && value !== 'false') faults.push(`${name}=${value}: write true or false.`);
    return value === 'true';
  };
  const whole = (name: string, fallback: string, max: number) => {
    const value = Number(text(name, fallback));
    if (!Number.isInteger(value) || value < 0 || value > max) {
      faults.push(`${name}=${env[name]}: write a whole number from 0 to ${max}.`);
    }
    return value;
  };
  const config = {
    ports: readPorts(text('OSS_DEV_PORT', '9010'), faults),
    dataDir: text('OSS_DEV_DATA_DIR', '.data/oss'),
    buckets: list('OSS_DEV_BUCKETS', 'pixdock-dev'),
    region: text('OSS_DEV_REGION', 'cn-hangzhou').replace(/^oss-/, ''),
    accessKeyId: text('OSS_DEV_ACCESS_KEY_ID', 'LTAI-pixdock-dev'),
    accessKeySecret: text('OSS_DEV_ACCESS_KEY_SECRET', 'pixdock-dev-secret'),
    securityToken: env['OSS_DEV_SECURITY_TOKEN'] || undefined,
    temporaryKeySeconds: whole('OSS_DEV_TEMPORARY_KEY_SECONDS', '0', 86_400) || undefined,
    allowV1: flag('OSS_DEV_ALLOW_V1'),
    publicPrefixes: readPublicPrefixes(text('OSS_DEV_PUBLIC_PREFIXES', '*')),
    cnames: readCnames(text('OSS_DEV_CNAMES', ''), faults),
    hosts: list('OSS_DEV_HOSTS', 'localhost'),
    faultToken: env['OSS_DEV_FAULT_TOKEN'] || undefined,
    maxObjectBytes: whole('OSS_DEV_MAX_OBJECT_BYTES', String(5 * 1024 ** 3), 5 * 1024 ** 3),
    ...(env['OSS_DEV_BIND'] && { bind: env['OSS_DEV_BIND'] }),
    allowNonLoopback: flag('OSS_DEV_ALLOW_NON_LOOPBACK'),
  };
  if (faults.length > 0) throw new Error(`The local OSS cannot start:\n  ${faults.join('\n  ')}`);
  return config;
}

function readPorts(text: string, faults: string[]): number[] {
  const ports = text.split(',').map(Number);
  if (ports.some((port) => !Number.isInteger(port) || port < 0 || port > 65_535))
    faults.push(`OSS_DEV_PORT=${text}: write a whole number from 0 to 65535, or several with commas.`);
  return ports;
}

/** `*` makes every key public, `none` makes no key public. */
function readPublicPrefixes(text: string): string[] {
  if (text === '*') return [''];
  return text === 'none' ? [] : text.split(',').map((prefix) => prefix.trim());
}

function readCnames(text: string, faults: string[]): Record<string, string> {
  const pairs = text
    .split(',')
    .filter(Boolean)
    .map((pair) => pair.trim().split('='));
  if (pairs.some(([host, bucket]) => !host || !bucket)) {
    faults.push(`OSS_DEV_CNAMES=${text}: write host=bucket pairs, separated by commas.`);
  }
  return Object.fromEntries(pairs.map(([host = '', bucket = '']) => [host.toLowerCase(), bucket]));
}
