import { writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashKey } from '@pixdock/shared/state/keys/stored-key';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { clocks, type Stack, startApiOnly } from '../harness/stack.js';
import { HEIC, JPEG, OTHER_JPEG, PNG, WEBP } from './pictures.js';

export interface ExchangeStack extends Stack {
  source: SourceServer;
  /** Placeholders for addresses that differ from run to run. */
  addresses: Record<string, string>;
}

export const ORIGIN = 'https://shop.example.com';
export const MAX_UPLOAD_BYTES = 64 * 1024;

const OWNERS = {
  anyone: {},
  other: {},
  submitter: {},
  client: {},
  visited: {},
  subscriber: {},
  resumer: {},
  reader: {},
  importer: {},
  repeater: {},
  publisher: {},
  finisher: {},
  failer: {},
  fewPosts: { postsPerMinute: 2 },
  fewGets: { getsPerMinute: 2 },
  oneUpload: { uploads: 1 },
  oneWait: { waits: 1 },
  oneBatch: { openBatches: 1 },
  oneItem: { itemsPerHour: 1 },
  oneWaiting: { waitingImages: 1 },
  oneRecord: { redisBytes: 1 },
};
const PROFILES = {
  large: { require: { minWidth: 100 }, variants: { main: {} } },
  square: { require: { aspect: '1:1' }, variants: { main: {} } },
  reviewed: { review: ['manual'], variants: { main: {}, thumb: { format: 'webp' } } },
  tiny: { require: { maxBytes: 100 }, variants: { main: {} } },
};

/** Starts the stack without a worker, with limits that small requests reach, and a source. */
export async function startExchangeStack(): Promise<ExchangeStack> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-exchanges-'));
  const write = async (name: string, value: object) => {
    await writeFile(join(folder, name), JSON.stringify(value));
    return join(folder, name);
  };
  const images = Object.fromEntries(
    Object.entries({ png: PNG, jpeg: JPEG, other: OTHER_JPEG, webp: WEBP, heic: HEIC }).map(
      ([name, { bytes }]) => [name, { bytes, type: 'image/jpeg' }] as const,
    ),
  );
  const source = await startSourceServer({ images });
  const stack = await startApiOnly(
    {
      ...clocks('pace=3000,stream=500'),
      API_KEYS: Object.keys(OWNERS)
        .map((owner) => `${owner}:key-of-the-owner-${owner}`)
        .join(),
      LIMITS_FILE: await write('limits.json', { default: { stagingShare: 1 }, owners: OWNERS }),
      PROFILES_FILE: await write('profiles.json', PROFILES),
      CORS_ORIGINS: ORIGIN,
      // A dry run refuses other addresses on this machine.
      SOURCE_ALLOW: `${source.host},127.0.0.1:1`,
      MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES),
      STAGING_MAX_BYTES: '256MiB',
      MAX_BATCH_ITEMS: '5',
      MAX_PIXELS: String(WIDE_PIXELS - 1),
      MAX_FRAMES: '2',
      MAX_SCANS: '5',
    },
    { prepare: writeKeyFile },
  );
  const stop = stack.stop.bind(stack);
  return Object.assign(stack, {
    source,
    addresses: { [`${stack.env.ALIYUN_OSS_FILE_DOMAIN}`]: '{files}', [source.url]: '{source}' },
    async stop() {
      await rm(folder, { recursive: true, force: true });
      await stop().finally(() => source.stop());
    },
  });
}

/** Keys whose owners have no others. */
const STORED_KEYS = [
  { owner: 'watcher', scopes: ['read'] },
  { owner: 'moderator', scopes: ['submit', 'read', 'review'] },
  { owner: 'operator', scopes: ['admin'] },
  { owner: 'former', scopes: ['read'], revokedAt: '2027-01-31T00:00:00.000Z' },
  { owner: 'earlier', scopes: ['read'], expiresAt: '2026-01-31T00:00:00.000Z' },
];

function writeKeyFile(dataDir: string): void {
  const keys = STORED_KEYS.map((key, at) => ({
    id: `key_00000000000${at}`,
    hash: hashKey(`key-of-the-owner-${key.owner}`),
    createdAt: '2026-01-01T00:00:00.000Z',
    ...key,
  }));
  writeFileSync(join(dataDir, 'keys.json'), JSON.stringify({ keys }));
}

const WIDE_PIXELS = 200 * 100;
