/** A block of most file systems: what each small file and each folder takes of the disk. */
export const BLOCK_BYTES = 4096;

/** Bytes of the disk that a file of this length takes. */
export const bytesOnDisk = (length: number): number => Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;

/**
 * Bytes of the disk that a file or a folder takes. Its length, where the file system compresses it or has not chosen its blocks
 * yet.
 */
export const bytesTaken = ({ size, blocks }: { size: number; blocks: number }): number =>
  Math.max(size, blocks * STAT_BLOCK_BYTES);

/** Of `st_blocks`, whatever the file system (stat(3type)). */
const STAT_BLOCK_BYTES = 512;
