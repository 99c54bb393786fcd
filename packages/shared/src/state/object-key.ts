import { FORMATS, type ImageFormat, STORED_FORMATS } from '@pixdock/contract/media-type';

/** Published objects never change: a new image has a new id and so a new key. */
export const OBJECT_CACHE_CONTROL = 'public, max-age=31536000, immutable';

/** `5f/5f0c…/main.jpg` below ALIYUN_OSS_PREFIX; two leading hex digits spread the load on OSS. */
export function objectKey(prefix: string, imageId: string, variant: string, format: ImageFormat): string {
  const hex = imageId.replace(/^img_/, '');
  return `${prefix}${hex.slice(0, 2)}/${hex}/${variant}.${FORMATS[format].extension}`;
}

/** Every key that these variants of an image may have: only the record knows their formats. */
export function possibleKeys(prefix: string, imageId: string, variants: readonly string[]): string[] {
  return variants.flatMap((name) => STORED_FORMATS.map((format) => objectKey(prefix, imageId, name, format)));
}

/** Every key that `main` may have, whose metadata describes the image after its record is gone. */
export const mainKeys = (prefix: string, imageId: string) => possibleKeys(prefix, imageId, ['main']);
