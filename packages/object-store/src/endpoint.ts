import { isIP } from 'node:net';
import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { isLoopback } from './loopback.js';
import { hasScheme, parseBareUrl } from './setting-url.js';

const ADDRESSING = ['virtual', 'cname', 'path'] as const;

/** `bucket.endpoint/key`; the endpoint is the bucket's own domain; `endpoint/bucket/key`. */
export type Addressing = (typeof ADDRESSING)[number];

const NAME = 'ALIYUN_OSS_ENDPOINT';
const FORM = "the host alone, for example oss-cn-hangzhou.aliyuncs.com or the bucket's own domain";

/** The endpoint as an origin, and how the bucket is named in requests to it. */
export function readEndpoint(read: SettingsReader, bucket: string, region: string, warnings: string[]) {
  const addressing = read.choice('ALIYUN_OSS_ADDRESSING', ADDRESSING, 'virtual');
  const mayUseHttp = read.choice('ALIYUN_OSS_ALLOW_HTTP', ['true', 'false'], 'false') === 'true';
  const raw = read.required(NAME, FORM);
  const url = raw === '' ? null : parse(read, raw);
  if (url === null) return { endpoint: '', addressing };

  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !mayUseHttp) {
    read.fault(
      NAME,
      `plain http to ${url.hostname} would show images and signatures to the network`,
      'write https://, or set ALIYUN_OSS_ALLOW_HTTP=true where the network itself is trusted',
    );
  }
  checkCombination(read, url.hostname, addressing, bucket);
  warnOfRegion(url.hostname, region, warnings);
  return { endpoint: url.origin, addressing };
}

function parse(read: SettingsReader, raw: string): URL | null {
  const url = parseBareUrl(hasScheme(raw) ? raw : `https://${raw}`);
  if (url === null) {
    // The text is not repeated: it may hold a user name and password.
    read.fault(NAME, 'is not an http(s) address, or has white space, a user name, a query or a "#"', FORM);
  } else if (!/^[a-z0-9_.-]+$/.test(url.hostname)) {
    // It would refuse it at the first call only.
    read.fault(
      NAME,
      `has the host ${url.hostname}, which ali-oss does not take`,
      'give it as a plain name, for example localhost instead of [::1]',
    );
  } else if (url.pathname !== '/') {
    read.fault(NAME, `has a path, ${url.pathname}`, 'remove it; the bucket is named by ALIYUN_OSS_BUCKET');
  }
  return url;
}

function checkCombination(read: SettingsReader, host: string, addressing: Addressing, bucket: string): void {
  const ofBucket = bucket !== '' && host.startsWith(`${bucket}.`);
  const ofAliyun = host.endsWith('.aliyuncs.com');
  const fault = (problem: string, fix: string) => read.fault('ALIYUN_OSS_ADDRESSING', problem, fix);

  if (addressing === 'virtual' && isIP(host) !== 0) {
    fault(
      `virtual puts the bucket before the host, which an IP address (${host}) does not allow`,
      'set it to path, or give the endpoint as a name (localhost for this machine)',
    );
  } else if (addressing === 'virtual' && ofBucket) {
    fault(
      `virtual puts the bucket before the host, and ${host} already begins with it`,
      `take "${bucket}." off ALIYUN_OSS_ENDPOINT, or set cname if this is the bucket's own domain`,
    );
  } else if (addressing === 'path' && ofAliyun) {
    fault(`OSS does not serve path style at ${host}`, 'set it to virtual');
  } else if (addressing === 'cname' && ofAliyun && !ofBucket) {
    fault(
      `cname needs the bucket's own domain, and ${host} serves every bucket`,
      'set it to virtual, or ALIYUN_OSS_ENDPOINT to the domain bound to the bucket',
    );
  }
}

/** Only a warning: finance and acceleration hosts carry names that are not the region's. */
function warnOfRegion(host: string, region: string, warnings: string[]): void {
  const named = /(?:^|\.)oss-((?!accelerate)[a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/.exec(host)?.[1];
  if (named !== undefined && region !== '' && named !== region) {
    warnings.push(
      `ALIYUN_OSS_REGION is ${region}, but ALIYUN_OSS_ENDPOINT belongs to ${named}: signatures may not match.`,
    );
  }
}
