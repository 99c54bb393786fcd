/** Compression methods that can be read (APPNOTE 4.4.5). */
export const STORED = 0;
export const DEFLATED = 8;

/** Size of an entry's local header without its name and extra fields (APPNOTE 4.3.7). */
export const LOCAL_HEADER_BYTES = 30;
