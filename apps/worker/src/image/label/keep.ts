import type { ImageFormat } from '@pixdock/contract/media-type';
import type { Profile } from '@pixdock/contract/profile';
import type { AiLabel, Receipt } from '@pixdock/contract/receipt';
import { fillInPropagator, propagatorOf } from './propagator.js';
import type { Provenance } from './provenance.js';
import type { KeptMetadata } from './write-xmp.js';

/** The settings AI_LABEL and AIGC_PROPAGATOR. */
export interface LabelSettings {
  isKept: boolean;
  /** The party that publishes the images, as labels name it. */
  propagator: string | null;
}

/** Chooses the metadata that every output of an image carries. */
export function chooseMetadata(
  { label, copyright }: Provenance,
  { isKept, propagator }: LabelSettings,
  profile: Profile,
  imageId: string,
): KeptMetadata {
  const kept = isKept ? label : null;
  const json = kept?.json ?? null;
  return {
    aigc: json === null || propagator === null ? json : fillInPropagator(json, propagator, imageId),
    digitalSourceType: kept?.digitalSourceType ?? null,
    copyright: profile.metadata === 'copyright' ? copyright : null,
  };
}

/** Describes label, manifest and copyright for the receipt, given the formats of all variants. */
export function describeProvenance(
  { label, c2pa }: Provenance,
  kept: KeptMetadata,
  formats: readonly ImageFormat[],
): Pick<Receipt, 'aiLabel' | 'c2pa' | 'copyright'> {
  // libvips writes no XMP to GIF.
  const hasGif = formats.includes('gif');
  const copyright = kept.copyright === null ? null : { ...kept.copyright, written: !hasGif };
  if (label === null) return { aiLabel: null, c2pa, copyright };
  const { fault, json: _, digitalSourceType: __, ...described } = label;
  const isCopied = kept.aigc !== null || kept.digitalSourceType !== null;
  const omitted: AiLabel['omitted'] = isCopied ? (hasGif ? 'gif' : null) : (fault ?? 'setting');
  const propagator = kept.aigc === null ? label.propagator : propagatorOf(kept.aigc);
  return { aiLabel: { ...described, propagator, written: omitted === null, omitted }, c2pa, copyright };
}
