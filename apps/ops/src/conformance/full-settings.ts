import { randomBytes } from 'node:crypto';
import type { Environment } from '../dot-env.js';
import { text } from '../messages/conformance.js';
import { CannotRun } from '../run-command.js';

/**
 * Adds what four values imply: a key pair, a region or an endpoint, and the name of a bucket. Without a name, a random one is
 * used, whose bucket does not exist yet.
 * @throws CannotRun without a region
 */
export function completeSettings(environment: Environment): Environment {
  const region = environment.ALIYUN_OSS_REGION || regionIn(environment.ALIYUN_OSS_ENDPOINT);
  if (!region) throw new CannotRun(text('values-missing'), text('values-missing.fix'));
  const bucket = environment.ALIYUN_OSS_BUCKET || `pixdock-conformance-${randomBytes(8).toString('hex')}`;
  const endpoint = environment.ALIYUN_OSS_ENDPOINT || `oss-${region.replace(/^oss-/, '')}.aliyuncs.com`;
  return {
    ...environment,
    ALIYUN_OSS_REGION: region,
    ALIYUN_OSS_BUCKET: bucket,
    ALIYUN_OSS_ENDPOINT: endpoint,
    ALIYUN_OSS_FILE_DOMAIN:
      environment.ALIYUN_OSS_FILE_DOMAIN || fileDomainOf(endpoint, bucket, environment.ALIYUN_OSS_ADDRESSING),
  };
}

const regionIn = (endpoint = '') => /(?:^|[/.])oss-([a-z0-9-]+?)(?:-internal)?\./.exec(endpoint)?.[1];

/** The domain that each bucket has. */
function fileDomainOf(endpoint: string, bucket: string, addressing?: string): string {
  if (addressing === 'cname') return endpoint;
  const [, scheme = 'https://', host = ''] = /^(https?:\/\/)?(.*)$/.exec(endpoint) ?? [];
  if (addressing === 'path') return `${scheme}${host}/${bucket}`;
  // Readers do not reach an internal endpoint.
  return `${scheme}${bucket}.${host.replace('-internal.', '.')}`;
}
