import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { say } from './messages/settings.js';
import { hasScheme, parseBareUrl } from './setting-url.js';

const NAME = 'ALIYUN_OSS_FILE_DOMAIN';

/** Reads the base of public URLs: origin and path without a trailing slash. */
export function readFileDomain(read: SettingsReader, warnings: string[]): string {
  const raw = read.required(NAME, say(read.language, 'file-domain.fix'));
  if (raw === '') return '';
  const url = parseBareUrl(hasScheme(raw) ? raw : `https://${raw}`);
  if (url === null) {
    read.fault(NAME, say(read.language, 'url-malformed'), say(read.language, 'file-domain-malformed.fix'));
    return '';
  }
  if (url.hostname.endsWith('.aliyuncs.com')) {
    warnings.push(say(read.language, 'file-domain-forces-download', { host: url.hostname }));
  }
  return url.href.replace(/\/+$/, '');
}
