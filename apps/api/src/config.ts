import type { Language } from '@pixdock/contract/messages/text';
import { isOrigin } from '@pixdock/contract/origin';
import { readStoreSettings, type StoreSettings } from '@pixdock/object-store/settings';
import { readStagingSettings, type StagingSettings } from '@pixdock/object-store/staging-settings';
import { readSettings, type SettingsReader } from '@pixdock/shared/runtime/env';
import { type MetadataKeys, readMetadataKeys } from '@pixdock/shared/runtime/metadata-keys';
import { type CommonSettings, readCommonSettings } from '@pixdock/shared/runtime/settings';
import {
  readSourceSettings,
  readWebhookSettings,
  type SourceSettings,
} from '@pixdock/shared/runtime/sources/settings';
import { type KeySettings, readKeys } from './keys/read-keys.js';
import { type Limits, readLimits } from './limits/settings.js';
import { say } from './messages/settings.js';

const GIB = 1024 ** 3;

export interface ApiConfig extends CommonSettings {
  host: string;
  /** 0: any free port. */
  port: number;
  /** The port of `/metrics` without a key; 0: any free port, null: none. */
  metricsPort: number | null;
  keys: KeySettings;
  limits: Limits;
  maxBatchItems: number;
  maxBatchBytes: number;
  /** The keys of metadata that `GET /v1/images` filters by. */
  metadataIndex: string[];
  corsOrigins: readonly string[];
  /** The worker's rules for addresses, which a dry run applies. */
  sources: SourceSettings;
  /** The worker's rules for the targets of webhooks. */
  webhooks: SourceSettings;
  metadataKeys: MetadataKeys;
  store: StoreSettings;
  staging: StagingSettings;
}

/** @throws SettingsError naming every fault, in this language (by default that of the environment). */
export function readApiConfig(environment: NodeJS.ProcessEnv, language?: Language): ApiConfig {
  const build = (read: SettingsReader) => {
    const keys = readKeys(read);
    const limits = readLimits(read, [...keys.pairs, ...keys.file.keys]);
    return { ...readOwnSettings(read), keys, limits };
  };
  return readSettings(environment, build, language);
}

function readOwnSettings(read: SettingsReader): Omit<ApiConfig, 'keys' | 'limits'> {
  const sources = readSourceSettings(read);
  const common = readCommonSettings(read);
  const store = readStoreSettings(read, common.profiles);
  return {
    ...common,
    host: read.text('HOST', '127.0.0.1'),
    port: read.port('PORT', 3000),
    metricsPort: read.port('METRICS_PORT', null),
    maxBatchItems: read.integer('MAX_BATCH_ITEMS', 100_000, { min: 1, max: 10_000_000 }),
    maxBatchBytes: read.bytes('MAX_BATCH_BYTES', 2 * GIB),
    metadataIndex: readMetadataIndex(read),
    corsOrigins: readOrigins(read),
    sources,
    webhooks: readWebhookSettings(read, sources),
    metadataKeys: readMetadataKeys(read),
    store,
    staging: readStagingSettings(read, store),
  };
}

/** Each key costs every image that has it an entry in Redis, and a place in each of its records. */
const MAX_INDEXED_KEYS = 3;
const MAX_KEY_LENGTH = 64;

function readMetadataIndex(read: SettingsReader): string[] {
  const keys = [...new Set(read.list('METADATA_INDEX'))];
  const refuse = (problem: string) =>
    read.fault(
      'METADATA_INDEX',
      problem,
      say(read.language, 'metadata-index.fix', { max: MAX_INDEXED_KEYS }),
    );
  if (keys.length > MAX_INDEXED_KEYS) refuse(say(read.language, 'too-many-keys', { count: keys.length }));
  for (const key of keys.filter(({ length }) => length > MAX_KEY_LENGTH))
    refuse(say(read.language, 'long-key', { key, max: MAX_KEY_LENGTH }));
  return keys;
}

function readOrigins(read: SettingsReader): string[] {
  return read.list('CORS_ORIGINS').filter((origin) => {
    if (origin === '*' || isOrigin(origin)) return true;
    const problem = say(read.language, 'not-an-origin', { origin });
    read.fault('CORS_ORIGINS', problem, say(read.language, 'not-an-origin.fix'));
    return false;
  });
}
