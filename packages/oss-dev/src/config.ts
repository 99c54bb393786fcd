import type { OssDevOptions } from './start.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** Reads the `OSS_DEV_*` settings. @throws one Error that lists every fault */
export function readConfig(env: Env): OssDevOptions {
  const faults: string[] = [];
  if (env['NODE_ENV'] === 'production') {
    faults.push('NODE_ENV is production: the local OSS is for development only. Use a real bucket.');
  }
  const text = (name: string, fallback: string) => env[name] || fallback;
  const beyondLoopback = text('OSS_DEV_ALLOW_NON_LOOPBACK', 'false');
  if (!['true', 'false'].includes(beyondLoopback))
    faults.push(`OSS_DEV_ALLOW_NON_LOOPBACK=${beyondLoopback}: write true or false.`);
  const config = {
    ports: readPorts(text('OSS_DEV_PORT', '9010'), faults),
    dataDir: text('OSS_DEV_DATA_DIR', '.data/oss'),
    buckets: text('OSS_DEV_BUCKETS', 'pixdock-dev')
      .split(',')
      .map((name) => name.trim()),
    privateBuckets: text('OSS_DEV_PRIVATE_BUCKETS', 'pixdock-dev-private')
      .split(',')
      .map((name) => name.trim()),
    region: text('OSS_DEV_REGION', 'cn-hangzhou').replace(/^oss-/, ''),
    accessKeyId: text('OSS_DEV_ACCESS_KEY_ID', 'LTAI-pixdock-dev'),
    accessKeySecret: text('OSS_DEV_ACCESS_KEY_SECRET', 'pixdock-dev-secret'),
    faultToken: env['OSS_DEV_FAULT_TOKEN'] || undefined,
    ...(env['OSS_DEV_BIND'] && { bind: env['OSS_DEV_BIND'] }),
    allowNonLoopback: beyondLoopback === 'true',
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
