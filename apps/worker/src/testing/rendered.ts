import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from '@pixdock/contract/profile';
import { profileVersion } from '../image/profile-version.js';
import type { Rendered } from '../image/types.js';

/** Writes variants with their names as bytes, and returns what a render of them reports. */
export async function writeVariants(
  folder: string,
  names: readonly string[],
  profile?: Profile,
): Promise<Rendered> {
  const variants: Rendered['variants'] = {};
  for (const name of names) {
    const file = `${name}.webp`;
    await writeFile(join(folder, file), name);
    const md5 = createHash('md5').update(name).digest('hex');
    variants[name] = { file, format: 'webp', width: 1, height: 1, bytes: name.length, md5 };
  }
  return {
    source: { format: 'webp', width: 1, height: 1, frames: 1 },
    variants,
    placeholder: { thumbhash: 'AA==', color: '#000000' },
    receipt: {
      declaredType: null,
      detectedType: 'image/webp',
      orientationApplied: 1,
      colorProfile: 'sRGB',
      removed: [],
      gpsRemoved: false,
      resized: false,
      encoder: 'webp',
      grew: null,
      profileVersion: profile === undefined ? 'v1' : profileVersion(profile),
    },
  };
}
