import type { Variant } from '@pixdock/contract/profile';

/** The qualities of variants that set none. */
export const QUALITY = { jpeg: 82, webp: 80, avif: 50 };

/** From this effort on, small files matter more than speed. */
const SMALL_EFFORT = 6;

export const isSmall = ({ effort }: Variant) => effort >= SMALL_EFFORT;
