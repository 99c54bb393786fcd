import { PixdockError } from './error.js';
import type { ImageFormat } from './media-type.js';
import { detailOf } from './messages/detail.js';
import type { Profile, Profiles } from './profile.js';

/** What is known of a source once all its bytes have come. */
export interface SourceFacts {
  bytes: number;
  sha256: string;
  format: ImageFormat;
}

/** What a source must be, known without decoding it. */
export interface Requirements {
  profile: string;
  /** The digest that the caller sent; null without one. */
  sha256: string | null;
}

/** @throws PixdockError digest_mismatch, unknown_profile, unsupported_media_type, payload_too_large */
export function checkSource(
  source: SourceFacts,
  { profile: name, sha256 }: Requirements,
  profiles: Profiles,
): void {
  if (sha256 !== null && sha256 !== source.sha256)
    throw new PixdockError(
      'digest_mismatch',
      detailOf('sha256-mismatch', { sent: sha256, received: source.sha256 }),
    );
  const { formats, maxBytes } = checkProfile(name, profiles).require;
  if (formats !== undefined && !formats.includes(source.format))
    throw new PixdockError(
      'unsupported_media_type',
      detailOf('profile-format', { profile: name, formats, format: source.format }),
    );
  if (maxBytes !== undefined && source.bytes > maxBytes)
    throw new PixdockError(
      'payload_too_large',
      detailOf('profile-bytes', { profile: name, max: maxBytes, bytes: source.bytes }),
    );
}

/** The profile of this name. @throws PixdockError unknown_profile, with the names of the known ones */
export function checkProfile(name: string, profiles: Profiles): Profile {
  const profile = profiles.get(name);
  if (profile !== undefined) return profile;
  const names = [...profiles.keys()];
  throw new PixdockError(
    'unknown_profile',
    detailOf('no-such-profile', { field: 'profile', value: name, names }),
  );
}
