import { createHash } from 'node:crypto';
import type { Profile } from '@pixdock/contract/profile';
import { profileVersion } from '@pixdock/shared/runtime/profile-version';
import { testReceipt } from '@pixdock/shared/testing/receipt';
import type { Rendered, RenderedImage } from '../image/types.js';

/** The report of a render, whose variants have their names as bytes. */
export function renderedVariants(names: readonly string[], profile?: Profile): RenderedImage {
  const variants: Rendered['variants'] = {};
  const bodies = new Map<string, Buffer>();
  for (const name of names) {
    const file = `${name}.webp`;
    bodies.set(name, Buffer.from(name));
    const md5 = createHash('md5').update(name).digest('hex');
    variants[name] = { file, format: 'webp', width: 1, height: 1, bytes: name.length, md5 };
  }
  const rendered: Rendered = {
    source: { format: 'webp', width: 1, height: 1, frames: 1 },
    variants,
    placeholder: { thumbhash: 'AA==', color: '#000000' },
    receipt: testReceipt({
      detectedType: 'image/webp',
      ...(profile === undefined ? {} : { profileVersion: profileVersion(profile) }),
    }),
  };
  return { rendered, bodies };
}
