import type { Check } from '../check.js';
import { ACCESS_CHECKS } from './access.js';
import { LISTING_CHECKS } from './listing.js';
import { OBJECT_CHECKS } from './objects.js';
import { REFUSAL_CHECKS } from './refusals.js';

/** The first check fails if nothing can be stored at all. */
export const CHECKS: readonly Check[] = [
  ...OBJECT_CHECKS,
  ...LISTING_CHECKS,
  ...REFUSAL_CHECKS,
  ...ACCESS_CHECKS,
];
