import { picture } from '@pixdock/e2e/harness/pictures';

/** Names of whole pictures that a source may serve. */
export const PICTURE_NAMES = ['jpeg', 'png', 'webp'] as const;

export interface Served {
  bytes: Uint8Array;
  type: string;
}

/** Responses of the sources: small pictures, so that the run measures batches, and bytes in other formats. */
export async function makePictures() {
  const small = picture(48, 36);
  const [jpeg, png, webp] = await Promise.all([
    small.clone().jpeg().toBuffer(),
    small.clone().png().toBuffer(),
    small.clone().webp().toBuffer(),
  ]);
  return {
    jpeg: { bytes: jpeg, type: 'image/jpeg' },
    png: { bytes: png, type: 'image/png' },
    webp: { bytes: webp, type: 'image/webp' },
    truncated: { bytes: jpeg.subarray(0, jpeg.length / 2), type: 'image/jpeg' },
    corrupt: { bytes: damaged(png), type: 'image/png' },
    page: { bytes: Buffer.from('<!doctype html><title>Sign in</title>'), type: 'image/jpeg' },
  } satisfies Record<string, Served>;
}

/** Changes bytes that are covered by a checksum. */
function damaged(png: Buffer): Buffer {
  const bytes = Buffer.from(png);
  const from = bytes.indexOf('IDAT') + 8;
  return bytes.fill(0xaa, from, from + 16);
}
