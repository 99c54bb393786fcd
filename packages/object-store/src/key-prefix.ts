import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { say } from './messages/settings.js';

const NAME = 'ALIYUN_OSS_PREFIX';
/** OSS allows 1023 bytes in a key; the part after the prefix is shorter than 200. */
const MAX_LENGTH = 800;

/** Reads the prefix of every key: empty, or with one trailing slash. */
export function readKeyPrefix(read: SettingsReader): string {
  const raw = read.text(NAME, '');
  const problem = findProblem(read, raw);
  if (problem !== null) read.fault(NAME, problem, say(read.language, 'prefix.fix'));
  return raw === '' || raw.endsWith('/') ? raw : `${raw}/`;
}

function findProblem({ language }: SettingsReader, prefix: string): string | null {
  if (!/^[a-z0-9/_.-]*$/.test(prefix)) return say(language, 'prefix-characters', { prefix });
  if (prefix.startsWith('/')) return say(language, 'prefix-leading-slash', { prefix });
  if (prefix.includes('//')) return say(language, 'prefix-empty-segment', { prefix });
  // The URL parser of ali-oss resolves such segments after signing them.
  if (prefix.split('/').some((segment) => segment === '.' || segment === '..'))
    return say(language, 'prefix-dot-segment', { prefix });
  if (prefix.length > MAX_LENGTH) return say(language, 'prefix-too-long', { max: MAX_LENGTH });
  return null;
}
