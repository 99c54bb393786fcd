import { availableParallelism } from 'node:os';
import type { Language } from '@pixdock/contract/messages/text';
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
import { type CdnSettings, readCdnSettings } from './cdn/settings.js';
import { DEFAULT_LIMITS } from './image/default-limits.js';
import type { LabelSettings } from './image/label/keep.js';
import { readLabelSettings } from './image/label/settings.js';
import type { ImageLimits } from './image/types.js';
import { type ReviewSettings, readReviewSettings } from './review/settings.js';

const DAY_MS = 24 * 3600 * 1000;

export interface WorkerConfig extends CommonSettings {
  /** Address of the port of `/metrics`. */
  host: string;
  /** 0: any free port; null: none. */
  metricsPort: number | null;
  limits: ImageLimits;
  labels: LabelSettings;
  /** Images decoded or encoded at a time, each in a separate process. */
  lanes: number;
  /** How long an outage of OSS may delay an image before it fails. */
  storageGiveUpMs: number;
  metadataKeys: MetadataKeys;
  store: StoreSettings;
  staging: StagingSettings;
  sources: SourceSettings;
  /** Null without a CDN on which deleted images are refreshed. */
  cdn: CdnSettings | null;
  /** Targets of webhooks. */
  webhooks: SourceSettings;
  review: ReviewSettings;
}

/** @throws SettingsError naming every fault, in this language (English by default). */
export function readWorkerConfig(environment: NodeJS.ProcessEnv, language?: Language): WorkerConfig {
  const build = (read: SettingsReader): WorkerConfig => {
    const common = readCommonSettings(read);
    const store = readStoreSettings(read, common.profiles);
    const sources = readSourceSettings(read);
    const webhooks = readWebhookSettings(read, sources);
    return {
      ...common,
      host: read.text('HOST', '127.0.0.1'),
      metricsPort: read.port('WORKER_METRICS_PORT', null),
      limits: {
        maxPixels: read.integer('MAX_PIXELS', DEFAULT_LIMITS.maxPixels, { min: 1, max: 1_000_000_000 }),
        maxAnimationPixels: read.integer('MAX_ANIMATION_PIXELS', DEFAULT_LIMITS.maxAnimationPixels, {
          min: 1,
          max: 1_000_000_000,
        }),
        maxFrames: read.integer('MAX_FRAMES', DEFAULT_LIMITS.maxFrames, { min: 1, max: 100_000 }),
        maxScans: read.integer('MAX_SCANS', DEFAULT_LIMITS.maxScans, { min: 1, max: 10_000 }),
        formats: common.acceptFormats,
        heicDecoder: common.heicDecoder,
      },
      labels: readLabelSettings(read),
      lanes: read.integer('WORKER_CONCURRENCY', availableParallelism(), { min: 1, max: 256 }),
      storageGiveUpMs: read.duration('STORAGE_GIVE_UP', DAY_MS),
      metadataKeys: readMetadataKeys(read),
      store,
      staging: readStagingSettings(read, store),
      cdn: readCdnSettings(read),
      sources,
      webhooks,
      review: readReviewSettings(read, common.profiles, webhooks),
    };
  };
  return readSettings(environment, build, language);
}
