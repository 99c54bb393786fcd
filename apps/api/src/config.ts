import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Language } from '@pixdock/contract/messages/text';
import { readStoreSettings, type StoreSettings } from '@pixdock/object-store/settings';
import { readSettings, type SettingsReader, splitList } from '@pixdock/shared/runtime/env';
import { type CommonSettings, readCommonSettings } from '@pixdock/shared/runtime/settings';
import { type Limits, readLimits } from './limits/settings.js';

const GIB = 1024 ** 3;

export interface ApiKey {
  owner: string;
  /** SHA-256 of the key; the key itself is not kept. */
  hash: Buffer;
}

export interface ApiConfig extends CommonSettings {
  host: string;
  /** 0: any free port. */
  port: number;
  /** The port of `/metrics` without a key; 0: any free port, null: none. */
  metricsPort: number | null;
  apiKeys: readonly ApiKey[];
  limits: Limits;
  maxBatchItems: number;
  maxBatchBytes: number;
  corsOrigins: readonly string[];
  store: StoreSettings;
}

/** @throws SettingsError naming every fault, in this language (English by default). */
export function readApiConfig(environment: NodeJS.ProcessEnv, language?: Language): ApiConfig {
  const build = (read: SettingsReader) => {
    const apiKeys = readApiKeys(read);
    return { ...readOwnSettings(read), apiKeys, limits: readLimits(read, apiKeys) };
  };
  return readSettings(environment, build, language);
}

function readOwnSettings(read: SettingsReader): Omit<ApiConfig, 'apiKeys' | 'limits'> {
  return {
    ...readCommonSettings(read),
    host: read.text('HOST', '127.0.0.1'),
    port: read.port('PORT', 3000),
    metricsPort: read.port('METRICS_PORT', null),
    maxBatchItems: read.integer('MAX_BATCH_ITEMS', 100_000, { min: 1, max: 10_000_000 }),
    maxBatchBytes: read.bytes('MAX_BATCH_BYTES', 2 * GIB),
    corsOrigins: readOrigins(read),
    store: readStoreSettings(read),
  };
}

const KEYS_FIX = 'owner:key pairs separated by commas, or @file with one pair on each line';

function readApiKeys(read: SettingsReader): ApiKey[] {
  const pairs = readPairs(read, read.required('API_KEYS', KEYS_FIX));
  const keys: ApiKey[] = [];
  for (const [position, pair] of pairs.entries()) {
    const [, owner, key] = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,63}):(\S+)$/.exec(pair) ?? [];
    if (owner === undefined || key === undefined) {
      // The pair is a secret, so report only its position.
      read.fault('API_KEYS', `pair ${position + 1} is not owner:key`, KEYS_FIX);
      continue;
    }
    const hash = createHash('sha256').update(key).digest();
    const other = keys.find((known) => known.hash.equals(hash));
    if (other !== undefined && other.owner !== owner)
      read.fault(
        'API_KEYS',
        `${other.owner} and ${owner} have the same key`,
        'give each owner a different key',
      );
    keys.push({ owner, hash });
  }
  return keys;
}

function readPairs(read: SettingsReader, raw: string): string[] {
  if (!raw.startsWith('@')) return splitList(raw);
  try {
    const lines = readFileSync(raw.slice(1), 'utf8').split(/\r?\n/);
    return lines.flatMap((line) => (line.trimStart().startsWith('#') ? [] : splitList(line)));
  } catch (error) {
    // Do not report the path: it is a key if the @ was meant to be part of the key.
    const { code } = error as NodeJS.ErrnoException;
    read.fault('API_KEYS', `the file behind the @ cannot be read (${code})`, KEYS_FIX);
    return [];
  }
}

function readOrigins(read: SettingsReader): string[] {
  return read.list('CORS_ORIGINS').filter((origin) => {
    const parsed = URL.canParse(origin) ? new URL(origin) : null;
    if (origin === '*' || parsed?.origin === origin) return true;
    read.fault('CORS_ORIGINS', `"${origin}" is not an origin`, 'write https://host[:port] without a path');
    return false;
  });
}
