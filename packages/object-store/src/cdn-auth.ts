import { hash, randomUUID } from 'node:crypto';
import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { parseAddress } from './endpoint.js';
import { say } from './messages/settings.js';

/** A domain of Alibaba Cloud CDN in front of the private bucket, with URL signing of type A. */
export interface CdnAuth {
  /** Base of signed URLs including the path, without a trailing slash. */
  domain: string;
  key: string;
  /** The validity period that the domain is configured with. */
  ttlSeconds: number;
}

/** That of a domain unless it is changed in the console. */
const DEFAULT_TTL_MS = 30 * 60_000;

/** Reads CDN_AUTH_*; null without a key. */
export function readCdnAuth(read: SettingsReader): CdnAuth | null {
  const ttlSeconds = Math.floor(read.duration('CDN_AUTH_TTL', DEFAULT_TTL_MS) / 1000);
  const given = read.text('CDN_AUTH_DOMAIN', null);
  const key = read.text('CDN_AUTH_KEY', null);
  if (key === null) return null;
  if (!/^[!-~]+$/.test(key))
    read.fault(
      'CDN_AUTH_KEY',
      say(read.language, 'secret-malformed'),
      say(read.language, 'secret-malformed.fix'),
    );
  read.required('ALIYUN_OSS_PRIVATE_BUCKET', say(read.language, 'private-bucket.fix'));
  const fix = say(read.language, 'cdn-auth-domain.fix');
  const url = parseAddress(read.required('CDN_AUTH_DOMAIN', fix));
  if (given !== null && url === null) read.fault('CDN_AUTH_DOMAIN', say(read.language, 'url-malformed'), fix);
  return url === null ? null : { domain: url.href.replace(/\/+$/, ''), key, ttlSeconds };
}

/**
 * Signs a URL of the CDN. It expires when its timestamp is older than the validity period of the domain, so the timestamp lies
 * that much before `seconds` from now.
 * https://www.alibabacloud.com/help/en/cdn/user-guide/type-a-signing
 */
export function signForCdn(
  url: string,
  { key, ttlSeconds }: Pick<CdnAuth, 'key' | 'ttlSeconds'>,
  seconds: number,
  rand = randomUUID().replaceAll('-', ''),
): { url: string; expiresAt: Date } {
  const expires = Math.floor(Date.now() / 1000) + seconds;
  const timestamp = expires - ttlSeconds;
  const digest = hash('md5', `${new URL(url).pathname}-${timestamp}-${rand}-0-${key}`);
  return { url: `${url}?auth_key=${timestamp}-${rand}-0-${digest}`, expiresAt: new Date(expires * 1000) };
}
