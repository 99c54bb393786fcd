import type { SettingsReader } from '@pixdock/shared/runtime/env';

const NAME = 'ALIYUN_OSS_PREFIX';
/** OSS allows 1023 bytes in a key; what we put behind the prefix stays below 200. */
const MAX_LENGTH = 800;

/** The prefix of every key: empty, or ending in one slash. */
export function readKeyPrefix(read: SettingsReader): string {
  const raw = read.text(NAME, '');
  const problem = problemOf(raw);
  if (problem !== null) read.fault(NAME, problem, 'for example images/ or team-a/images/');
  return raw === '' || raw.endsWith('/') ? raw : `${raw}/`;
}

function problemOf(prefix: string): string | null {
  if (!/^[a-z0-9/_.-]*$/.test(prefix)) return 'may only have a-z, 0-9, "/", "_", "." and "-"';
  if (prefix.startsWith('/')) return 'begins with "/", as no key in OSS may';
  if (prefix.includes('//')) return 'has "//"';
  // The client's URL parser resolves such segments after it has signed them.
  if (prefix.split('/').some((segment) => segment === '.' || segment === '..'))
    return 'has "." or ".." as a segment';
  if (prefix.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  return null;
}
