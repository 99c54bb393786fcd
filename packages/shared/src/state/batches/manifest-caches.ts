import type { ManifestItem } from '../records/manifest-item.js';
import { type ByteCache, openByteCache } from './byte-cache.js';
import type { Duplicates } from './duplicates.js';

const MIB = 1024 * 1024;

/**
 * Items that are asked for one by one are those in progress, most of them near each other: chunks of 64. A usual one is
 * 30–60 KiB, so that this keeps some hundred; the largest (64 URLs of 8 KiB, 4 KiB of metadata each) is about 3 MiB.
 */
const CHUNK_CACHE_BYTES = 16 * MIB;
/** The header sets of a batch have 256 KiB at most, in memory about 1 MiB. */
const HEADER_CACHE_BYTES = 8 * MIB;
/** 12 bytes for each item of a batch that has duplicates: 26 batches of 100,000 items. */
const DUPLICATE_CACHE_BYTES = 32 * MIB;

/** Parts of manifests that are kept in memory, for all batches of a process together. */
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
