import { ACCEPTED_FORMATS } from '@pixdock/contract/media-type';
import type { ImageLimits } from './types.js';

/** The limits without settings. */
export const DEFAULT_LIMITS: ImageLimits = {
  maxPixels: 50_000_000,
  maxAnimationPixels: 80_000_000,
  maxFrames: 500,
  maxScans: 100,
  formats: ACCEPTED_FORMATS,
  heicDecoder: null,
};
