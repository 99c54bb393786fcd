import { Agent } from 'node:http';
import { isIPv4, type LookupFunction } from 'node:net';
import OSS from 'ali-oss';
import type { OssDev } from '../start.js';

/** Methods that the published types lack. */
export type AliClient = OSS & {
  signatureUrlV4(method: string, expires: number, request: object, name: string): Promise<string>;
  signPostObjectPolicyV4(policy: object, date: Date): string;
};
export type Style = 'path' | 'virtual' | 'cname';

/** The real client with V4 signatures; every host name resolves to the test server. */
export function aliClient(
  oss: Pick<OssDev, 'port' | 'publicUrl' | 'region' | 'bucket' | 'accessKeyId' | 'accessKeySecret'>,
  style: Style = 'path',
  overrides: object = {},
): AliClient {
  const options = {
    endpoint: `http://${style === 'cname' ? 'img.example.com' : 'localhost'}:${oss.port}`,
    region: `oss-${oss.region}`,
    bucket: oss.bucket,
    accessKeyId: oss.accessKeyId,
    accessKeySecret: oss.accessKeySecret,
    authorizationV4: true,
    cname: style === 'cname',
    sldEnable: style === 'path',
    agent: new Agent({ lookup: lookupOf(new URL(oss.publicUrl).hostname) }),
    ...overrides,
  };
  return new OSS(options) as AliClient;
}

/** ali-oss would send another name as the Host of an endpoint that is an address. */
function lookupOf(host: string): LookupFunction {
  const address = isIPv4(host) ? host : '127.0.0.1';
  return (_host, options, done) => {
    if (options.all) done(null, [{ address, family: 4 }]);
    else done(null, address, 4);
  };
}
