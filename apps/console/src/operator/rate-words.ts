import { t } from '../messages/say.js';
import { formatCount } from '../parts/format.js';

/** Below this rate per minute, a decimal matters. */
const EXACT_RATE = 10;

/** `2 images in this hour` below one image per minute, else `4.5 images per minute`. */
export function rateWords(images: number, minutes: number): string {
  const rate = images / minutes;
  if (rate < 1) return t('operator.per-hour', { count: images });
  const amount = rate < EXACT_RATE ? rate.toFixed(1) : formatCount(Math.round(rate));
  return t('operator.per-minute', { amount });
}
