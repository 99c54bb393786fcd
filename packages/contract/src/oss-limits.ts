/** OSS image processing refuses larger sources and sides, so nothing we publish exceeds them (oss.md 3, limits). */
export const OSS_MAX_IMAGE_BYTES = 20_000_000;
export const OSS_MAX_SIDE = 30_000;
