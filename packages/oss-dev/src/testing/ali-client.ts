import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import OSS from 'ali-oss';
import type { OssDev } from '../start.js';

/** Methods that the published types lack. */
export type AliClient = OSS & {
  signatureUrlV4(method: string, expires: number, request: object, name: string): Promise<string>;
  signPostObjectPolicyV4(policy: object, date: Date): string;
};
export type Style = 'path' | 'virtual' | 'cname';

/** The real client with V4 signatures; every host resolves to the test server. */
export function aliClient(
  oss: Pick<OssDev, 'port' | 'region' | 'bucket' | 'accessKeyId' | 'accessKeySecret'>,
  style: Style = 'path',
  overrides: object = {},
): AliClient {
  const host = style === 'cname' ? 'img.example.com' : 'localhost';
  const options = {
    endpoint: `http://${host}:${oss.port}`,
    region: `oss-${oss.region}`,
    bucket: oss.bucket,
    accessKeyId: oss.accessKeyId,
    accessKeySecret: oss.accessKeySecret,
    authorizationV4: true,
    cname: style === 'cname',
    sldEnable: style === 'path',
    agent: new Agent({ lookup: toLoopback }),
    ...overrides,
  };
  return new OSS(options) as AliClient;
}

const toLoopback: LookupFunction = (_host, options, done) => {
  if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
  else done(null, '127.0.0.1', 4);
};
