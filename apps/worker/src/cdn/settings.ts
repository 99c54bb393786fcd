import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { say } from '../messages/settings.js';

/** A CDN in front of the bucket, on which deleted images are refreshed. */
export interface CdnSettings {
  endpoint: string;
  /** URLs that the account may refresh in a day. */
  dailyUrls: number;
}

const DEFAULT_DAILY_URLS = 10_000;
/** More URLs than an image has variants. */
const MIN_DAILY_URLS = 100;

/** Null without a CDN. */
export function readCdnSettings(read: SettingsReader): CdnSettings | null {
  const kind = read.choice('CDN', ['none', 'aliyun'], 'none');
  const endpoint = read.text('CDN_ENDPOINT', 'https://cdn.aliyuncs.com');
  const dailyUrls = read.integer('CDN_DAILY_URLS', DEFAULT_DAILY_URLS, {
    min: MIN_DAILY_URLS,
    max: 10_000_000,
  });
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
    read.fault('CDN_ENDPOINT', say(read.language, 'cdn-endpoint'), say(read.language, 'cdn-endpoint.fix'));
  return kind === 'none' ? null : { endpoint, dailyUrls };
}
