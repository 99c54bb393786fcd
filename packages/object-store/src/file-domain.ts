import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { hasScheme, parseBareUrl } from './setting-url.js';

const NAME = 'ALIYUN_OSS_FILE_DOMAIN';

/** The base of public URLs: origin and path, without a slash at its end. */
export function readFileDomain(read: SettingsReader, warnings: string[]): string {
  const raw = read.required(
    NAME,
    "the address browsers get the bucket's objects from: a domain bound to it, or a CDN",
  );
  if (raw === '') return '';
  const url = parseBareUrl(hasScheme(raw) ? raw : `https://${raw}`);
  if (url === null) {
    read.fault(
      NAME,
      'is not an http(s) address, or has white space, a user name, a query or a "#"',
      'host and, if need be, path, for example https://img.example.com',
    );
    return '';
  }
  if (url.hostname.endsWith('.aliyuncs.com')) {
    warnings.push(
      `${NAME} is ${url.hostname}: OSS makes browsers download images from its own domains instead of ` +
        'showing them. Bind a domain of yours to the bucket, or put a CDN before it.',
    );
  }
  return url.href.replace(/\/+$/, '');
}
