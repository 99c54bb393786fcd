import { SettingsReader } from '../runtime/env.js';
import { type MetadataKeys, readMetadataKeys } from '../runtime/metadata-keys.js';

/** A METADATA_KEY for tests, and the one that it replaces in tests of a rotation. */
export const METADATA_KEY = 'test:2f7d0c9a41be86535ad1e0f4c7b92836';
export const NEXT_METADATA_KEY = 'next:81c6e03fb5d92a7410fe6cd5382b9a74';

export const testMetadataKeys = (setting: string = METADATA_KEY): MetadataKeys =>
  readMetadataKeys(new SettingsReader({ METADATA_KEY: setting }));
