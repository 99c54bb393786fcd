import type { ManifestItem } from '../batches/manifest-item.js';
import { type ByteCache, openByteCache } from './byte-cache.js';
import type { Duplicates } from './duplicates.js';

const MIB = 1024 * 1024;

/**
 * Items are read in chunks of 64, since those in progress are near each other. A usual chunk has 30–60 KiB, so that some
 * hundred fit; the largest (64 URLs of 8 KiB with 4 KiB of metadata each) has about 3 MiB.
 */
const CHUNK_CACHE_BYTES = 16 * MIB;
/** The header sets of a batch have at most 256 KiB, in memory about 1 MiB. */
const HEADER_CACHE_BYTES = 8 * MIB;
/** 12 bytes for each item of a batch that has duplicates: 26 batches of 100,000 items. */
const DUPLICATE_CACHE_BYTES = 32 * MIB;

/** Parts of manifests in memory, for all batches of a process. */
export interface ManifestCaches {
  chunks: ByteCache<ManifestItem[]>;
  headerSets: ByteCache<Record<string, string>[]>;
  duplicates: ByteCache<Duplicates>;
}

export function openManifestCaches(): ManifestCaches {
  return {
    chunks: openByteCache(CHUNK_CACHE_BYTES, { loadsAtOnce: 4 }),
    headerSets: openByteCache(HEADER_CACHE_BYTES, { loadsAtOnce: 2 }),
    duplicates: openByteCache(DUPLICATE_CACHE_BYTES, { loadsAtOnce: 1 }),
  };
}
