import { isIP } from 'node:net';
import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { isLoopback } from './loopback.js';
import { say } from './messages/settings.js';

const ADDRESSING = ['virtual', 'cname', 'path'] as const;

/** `virtual`: bucket.endpoint/key; `cname`: the endpoint is the bucket's own domain; `path`: endpoint/bucket/key. */
export type Addressing = (typeof ADDRESSING)[number];

const NAME = 'ALIYUN_OSS_ENDPOINT';

/** Reads the endpoint, as an origin, and the addressing style. */
export function readEndpoint(read: SettingsReader, bucket: string, region: string, warnings: string[]) {
  const addressing = read.choice('ALIYUN_OSS_ADDRESSING', ADDRESSING, 'virtual');
  const mayUseHttp = read.choice('ALIYUN_OSS_ALLOW_HTTP', ['true', 'false'], 'false') === 'true';
  const raw = read.required(NAME, say(read.language, 'endpoint.fix'));
  const url = raw === '' ? null : parse(read, raw);
  if (url === null) return { endpoint: '', addressing };

  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !mayUseHttp) {
    read.fault(
      NAME,
      say(read.language, 'endpoint-plain-http', { host: url.hostname }),
      say(read.language, 'endpoint-plain-http.fix'),
    );
  }
  checkCombination(read, url.hostname, addressing, bucket);
  warnOfRegion(read, url.hostname, region, warnings);
  return { endpoint: url.origin, addressing };
}

function parse(read: SettingsReader, raw: string): URL | null {
  const url = parseAddress(raw);
  if (url === null) {
    // The value is not quoted: it may contain a password.
    read.fault(NAME, say(read.language, 'url-malformed'), say(read.language, 'endpoint.fix'));
  } else if (!/^[a-z0-9_.-]+$/.test(url.hostname)) {
    // ali-oss would reject it only at the first call.
    read.fault(
      NAME,
      say(read.language, 'endpoint-host-unsupported', { host: url.hostname }),
      say(read.language, 'endpoint-host-unsupported.fix'),
    );
  } else if (url.pathname !== '/') {
    read.fault(
      NAME,
      say(read.language, 'endpoint-has-path', { path: url.pathname }),
      say(read.language, 'endpoint-has-path.fix'),
    );
  }
  return url;
}

function checkCombination(read: SettingsReader, host: string, addressing: Addressing, bucket: string): void {
  const isBucketDomain = bucket !== '' && host.startsWith(`${bucket}.`);
  const isAliyunDomain = host.endsWith('.aliyuncs.com');
  const { language } = read;
  const fault = (problem: string, fix: string) => read.fault('ALIYUN_OSS_ADDRESSING', problem, fix);

  if (addressing === 'virtual' && isIP(host) !== 0) {
    fault(say(language, 'virtual-with-ip', { host }), say(language, 'virtual-with-ip.fix'));
  } else if (addressing === 'virtual' && isBucketDomain) {
    fault(
      say(language, 'virtual-with-bucket', { host }),
      say(language, 'virtual-with-bucket.fix', { bucket }),
    );
  } else if (addressing === 'path' && isAliyunDomain) {
    fault(say(language, 'path-on-aliyun', { host }), say(language, 'path-on-aliyun.fix'));
  } else if (addressing === 'cname' && isAliyunDomain && !isBucketDomain) {
    fault(say(language, 'cname-on-shared-host', { host }), say(language, 'cname-on-shared-host.fix'));
  }
}

/** Only a warning, because finance and acceleration hosts do not contain the region. */
function warnOfRegion(read: SettingsReader, host: string, region: string, warnings: string[]): void {
  const hostRegion = /(?:^|\.)oss-((?!accelerate)[a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/.exec(host)?.[1];
  if (hostRegion !== undefined && region !== '' && hostRegion !== region) {
    warnings.push(say(read.language, 'region-differs', { region, host: hostRegion }));
  }
}

/** The URL of a bucket at the endpoint of its region. */
export function bucketUrl({ endpoint, addressing, bucket }: BucketAddress): string {
  return addressing === 'path' ? `${endpoint}/${bucket}` : endpoint.replace('://', `://${bucket}.`);
}

/** Where clients outside Alibaba Cloud's network reach a bucket without a domain of its own. */
export const publicBucketUrl = (address: BucketAddress) =>
  bucketUrl(address).replace('-internal.aliyuncs.com', '.aliyuncs.com');

interface BucketAddress {
  endpoint: string;
  addressing: Addressing;
  bucket: string;
}

/** Parses an http(s) URL that has only a host and a path, by default with https; null for anything else. */
export function parseAddress(raw: string): URL | null {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(raw) ? raw : `https://${raw}`;
  // The URL parser silently repairs white space and "\", which would hide typos.
  if (/[\s\\?#@]/.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}
