import { type Profiles, prefixesOf } from '@pixdock/contract/profile';
import { PRIVATE_PREFIX } from '@pixdock/contract/visibility';
import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { mistypedSettings } from '@pixdock/shared/runtime/mistyped-settings';
import { type CdnAuth, readCdnAuth } from './cdn-auth.js';
import { type CredentialsSettings, readCredentials } from './credentials.js';
import { type Addressing, parseAddress, publicBucketUrl, readEndpoint } from './endpoint.js';
import { say } from './messages/settings.js';

export type { Addressing } from './endpoint.js';

/** The bucket and the credentials for it. */
export interface StoreSettings {
  /** `https://host[:port]` without a path. */
  endpoint: string;
  /** The bare id, `cn-hangzhou`. */
  region: string;
  bucket: string;
  addressing: Addressing;
  /** Base of public URLs including the path, without a trailing slash. */
  fileDomain: string;
  /** Prefix of every key: empty, or with a trailing slash. Private keys begin with PRIVATE_PREFIX and this one. */
  prefix: string;
  /** All prefixes below which Pixdock has keys: in each bucket that of every key, and with it those of the profiles. */
  prefixes: readonly string[];
  /** The bucket of private images, or null. */
  privateBucket: PrivateBucket | null;
  /** The CDN that serves private images, or null. */
  cdnAuth: CdnAuth | null;
  credentials: CredentialsSettings;
  /** Settings that work but cause problems later; to be logged once at start. */
  warnings: readonly string[];
}

/** The settings that differ from those of the public bucket. `fileDomain` is the base of signed URLs. */
export type PrivateBucket = Pick<StoreSettings, 'bucket' | 'endpoint' | 'fileDomain'>;

/** Reads ALIYUN_OSS_* and ALIBABA_CLOUD_*, and reports every fault to `read`. Private profiles need a private bucket. */
export function readStoreSettings(read: SettingsReader, profiles: Profiles = new Map()): StoreSettings {
  const warnings: string[] = [];
  rejectUnknownNames(read);
  const bucket = readBucket(read);
  const region = readRegion(read);
  const { endpoint, addressing } = readEndpoint(read, bucket, region, warnings);
  const prefix = readKeyPrefix(read);
  const privateBucket = readPrivateBucket(read, { bucket, endpoint, addressing }, profiles);
  const places = privateBucket === null ? [prefix] : [prefix, PRIVATE_PREFIX + prefix];
  return {
    endpoint,
    addressing,
    region,
    bucket,
    fileDomain: readFileDomain(read, warnings),
    prefix,
    prefixes: places.flatMap((place) => ['', ...prefixesOf(profiles.values())].map((own) => place + own)),
    privateBucket,
    cdnAuth: readCdnAuth(read),
    credentials: readCredentials(read),
    warnings,
  };
}

const NAMES = [
  'ENDPOINT',
  'REGION',
  'BUCKET',
  'ADDRESSING',
  'FILE_DOMAIN',
  'PREFIX',
  'PRIVATE_BUCKET',
  'PRIVATE_FILE_DOMAIN',
  'ALLOW_HTTP',
];

// A misspelt setting would be ignored, and images would be stored in an unexpected place.
function rejectUnknownNames(read: SettingsReader): void {
  const mistyped = mistypedSettings(read.environment).map(({ name }) => name);
  for (const name of Object.keys(read.environment)) {
    // Each of these is named with the setting that is meant.
    if (
      mistyped.includes(name) ||
      !name.startsWith('ALIYUN_OSS_') ||
      NAMES.includes(name.slice('ALIYUN_OSS_'.length))
    )
      continue;
    const names = NAMES.map((known) => `ALIYUN_OSS_${known}`);
    read.fault(
      name,
      say(read.language, 'unknown-setting'),
      say(read.language, 'unknown-setting.fix', { names }),
    );
  }
}

function readBucket(read: SettingsReader): string {
  const name = 'ALIYUN_OSS_BUCKET';
  const bucket = read.required(name, say(read.language, 'bucket.fix'));
  checkBucketName(read, name, bucket);
  return bucket;
}

function checkBucketName(read: SettingsReader, name: string, bucket: string): void {
  if (bucket !== '' && !isBucketName(bucket)) {
    read.fault(
      name,
      say(read.language, 'bucket-invalid', { bucket }),
      say(read.language, 'bucket-invalid.fix'),
    );
  }
}

export const isBucketName = (text: string) => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(text);

/** Reads ALIYUN_OSS_PRIVATE_BUCKET. If the endpoint serves only one bucket (cname), the private bucket has its own endpoint. */
function readPrivateBucket(
  read: SettingsReader,
  { bucket, endpoint, addressing }: Pick<StoreSettings, 'bucket' | 'endpoint' | 'addressing'>,
  profiles: Profiles,
): PrivateBucket | null {
  const name = 'ALIYUN_OSS_PRIVATE_BUCKET';
  const domain = 'ALIYUN_OSS_PRIVATE_FILE_DOMAIN';
  const own = read.text(name, null);
  const given = read.text(domain, null);
  if (own === null) {
    for (const [profile, { visibility }] of profiles)
      if (visibility === 'private') {
        const problem = say(read.language, 'private-bucket-missing', { profile });
        read.fault(name, problem, say(read.language, 'private-bucket.fix'));
      }
    return null;
  }
  checkBucketName(read, name, own);
  // A CDN that reads the public bucket would serve private objects in it, too.
  if (own === bucket)
    read.fault(name, say(read.language, 'private-bucket-same'), say(read.language, 'private-bucket.fix'));
  if (addressing === 'cname') read.required(domain, say(read.language, 'private-file-domain.fix'));
  const url = parseAddress(given ?? publicBucketUrl({ bucket: own, endpoint, addressing }));
  if (url === null) {
    if (given !== null)
      read.fault(
        domain,
        say(read.language, 'url-malformed'),
        say(read.language, 'file-domain-malformed.fix'),
      );
    return null;
  }
  const fileDomain = url.href.replace(/\/+$/, '');
  return { bucket: own, endpoint: addressing === 'cname' ? url.origin : endpoint, fileDomain };
}

function readRegion(read: SettingsReader): string {
  const name = 'ALIYUN_OSS_REGION';
  const raw = read.required(name, say(read.language, 'region.fix')).toLowerCase();
  const region = raw.replace(/^oss-/, '');
  if (raw !== '' && (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(region) || region.endsWith('-internal'))) {
    read.fault(
      name,
      say(read.language, 'region-invalid', { region: raw }),
      say(read.language, 'region-invalid.fix'),
    );
  }
  return region;
}

/** Reads the base of public URLs: origin and path without a trailing slash. */
function readFileDomain(read: SettingsReader, warnings: string[]): string {
  const name = 'ALIYUN_OSS_FILE_DOMAIN';
  const raw = read.required(name, say(read.language, 'file-domain.fix'));
  if (raw === '') return '';
  const url = parseAddress(raw);
  if (url === null) {
    read.fault(name, say(read.language, 'url-malformed'), say(read.language, 'file-domain-malformed.fix'));
    return '';
  }
  if (url.hostname.endsWith('.aliyuncs.com')) {
    warnings.push(say(read.language, 'file-domain-forces-download', { host: url.hostname }));
  }
  return url.href.replace(/\/+$/, '');
}

/** OSS allows 1023 bytes in a key; the part after the prefix is shorter than 200. */
const MAX_PREFIX_LENGTH = 800;

/** Reads the prefix of every key: empty, or with one trailing slash. */
function readKeyPrefix(read: SettingsReader): string {
  const name = 'ALIYUN_OSS_PREFIX';
  const raw = read.text(name, '');
  const prefix = withSlash(raw);
  const problem = prefix.startsWith(PRIVATE_PREFIX)
    ? say(read.language, 'prefix-private', { prefix: raw })
    : problemOfPrefix(read, raw);
  if (problem !== null) read.fault(name, problem, say(read.language, 'prefix.fix'));
  return prefix;
}

/** A prefix of keys: empty, or with a trailing slash. */
export const withSlash = (prefix: string) => (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`);

/** Why keys cannot begin with this prefix; null if they can. */
export function problemOfPrefix({ language }: SettingsReader, prefix: string): string | null {
  if (!/^[a-z0-9/_.-]*$/.test(prefix)) return say(language, 'prefix-characters', { prefix });
  if (prefix.startsWith('/')) return say(language, 'prefix-leading-slash', { prefix });
  if (prefix.includes('//')) return say(language, 'prefix-empty-segment', { prefix });
  // The URL parser of ali-oss resolves such segments after signing them.
  if (prefix.split('/').some((segment) => segment === '.' || segment === '..'))
    return say(language, 'prefix-dot-segment', { prefix });
  if (prefix.length > MAX_PREFIX_LENGTH) return say(language, 'prefix-too-long', { max: MAX_PREFIX_LENGTH });
  return null;
}
