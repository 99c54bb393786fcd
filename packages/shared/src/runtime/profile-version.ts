import { createHash } from 'node:crypto';
import type { Profile } from '@pixdock/contract/profile';

/** Raised when the same profile produces other files. */
const ENCODER_VERSION = 8;

/** The first 12 hex digits of the SHA-256 of the profile and the encoder's version. */
export function profileVersion(profile: Profile): string {
  return createHash('sha256')
    .update(JSON.stringify([ENCODER_VERSION, profile]))
    .digest('hex')
    .slice(0, 12);
}
