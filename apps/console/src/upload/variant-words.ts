import type { ListedProfile } from '@pixdock/client';
import { t } from '../messages/say.js';
import { formatPixels, formatType } from '../parts/format.js';

type Variant = ListedProfile['variants'][string];

/** What a profile makes, in words: `main: up to 2560 × 2560 px · thumb: WEBP, up to 320 × 320 px`. */
export function variantWords({ variants }: ListedProfile): string {
  return Object.entries(variants)
    .map(([name, variant]) =>
      t('profile.variant', { name, format: formatOf(variant), size: sizeWords(variant) }),
    )
    .join(' · ');
}

const formatOf = ({ format }: Variant) => (format === 'keep' ? null : formatType(format));

function sizeWords({ fit, width, height }: Variant): string {
  if (width !== null && height !== null)
    return t(fit === 'cover' ? 'profile.cropped' : 'profile.within', { size: formatPixels(width, height) });
  if (width !== null) return t('profile.wide', { width });
  return height === null ? t('profile.full-size') : t('profile.high', { height });
}
