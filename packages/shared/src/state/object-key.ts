import { FORMATS, type ImageFormat, STORED_FORMATS } from '@pixdock/contract/media-type';
import type { Profile } from '@pixdock/contract/profile';
import { PRIVATE_PREFIX, SIGNED_URL_SECONDS, type Visibility } from '@pixdock/contract/visibility';

/** Published objects never change: a new image has a new id and so a new key. */
export const OBJECT_CACHE_CONTROL = {
  public: 'public, max-age=31536000, immutable',
  private: `private, max-age=${SIGNED_URL_SECONDS.default}`,
} as const satisfies Record<Visibility, string>;

/** The prefix of the keys of a profile, from ALIYUN_OSS_PREFIX. */
export const prefixOf = (prefix: string, profile: Pick<Profile, 'visibility' | 'prefix'>) =>
  `${profile.visibility === 'private' ? PRIVATE_PREFIX : ''}${prefix}${profile.prefix ?? ''}`;

/** `5f/5f0c…/main.jpg` below the prefix; two leading hex digits spread the load on OSS. */
export function objectKey(prefix: string, imageId: string, variant: string, format: ImageFormat): string {
  const hex = imageId.replace(/^img_/, '');
  return `${prefix}${hex.slice(0, 2)}/${hex}/${variant}.${FORMATS[format].extension}`;
}

/** All keys that these variants of an image can have under these prefixes: only the record knows their formats. */
export function possibleKeys(
  prefixes: readonly string[],
  imageId: string,
  variants: readonly string[],
): string[] {
  const keysBelow = (prefix: string) =>
    variants.flatMap((name) => STORED_FORMATS.map((format) => objectKey(prefix, imageId, name, format)));
  return prefixes.flatMap(keysBelow);
}

/** Every key that `main` may have, whose metadata describes the image after its record is gone. */
export const mainKeys = (prefixes: readonly string[], imageId: string) =>
  possibleKeys(prefixes, imageId, ['main']);
