import { open, writeFile } from 'node:fs/promises';
import { FORMATS, type ImageFormat, type StoredFormat } from '@pixdock/contract/media-type';
import type { Overlay, Variant } from '@pixdock/contract/profile';
import type { GrowthReason } from '@pixdock/contract/receipt';
import { FileBytes } from './container/bytes.js';
import { decode } from './decode.js';
import { type Encoded, encode, hasLongDelay, isAnimated, outputFormat } from './encode.js';
import type { RenderedByChild } from './from-child.js';
import { type Target, targetOf } from './geometry.js';
import { growthReason } from './growth.js';
import { inspect } from './inspect.js';
import { chooseMetadata, describeProvenance } from './label/keep.js';
import { readProvenance } from './label/provenance.js';
import { writeXmp } from './label/write-xmp.js';
import { findXmpPackets } from './label/xmp-packets.js';
import { describeColor, describeMetadata } from './metadata.js';
import { drawOverlay, overlaidVariants } from './overlay.js';
import { makePlaceholder } from './placeholder.js';
import { type Order, outputFile, type Setup } from './protocol.js';

/**
 * Decodes once, renders every variant of the profile and writes them beside the source. Runs in the child.
 * @throws Refusal when the image is at fault; system errors
 */
export async function renderVariants(
  sourcePath: string,
  { imageId, profile, declaredType }: Pick<Order, 'imageId' | 'profile' | 'declaredType'>,
  { limits, labels }: Pick<Setup, 'limits' | 'labels'>,
  onNormalizing: (pixels: number) => void,
): Promise<RenderedByChild> {
  await using opened = await open(sourcePath, 'r');
  const file = { path: sourcePath, bytes: new FileBytes(opened.fd) };
  const inspected = await inspect(file, profile, limits);
  onNormalizing(inspected.width * inspected.height * inspected.frames);
  const { format, width, height, frames: decodable, metadata, embedded, orientation, signalled } = inspected;
  const source = { width, height };
  const plans = Object.entries(profile.variants).map(([name, variant]) =>
    plan(name, variant, source, format),
  );
  const largest = plans.reduce((a, b) => (b.target.scale > a.target.scale ? b : a));
  const animated = plans.some(({ variant, output }) => isAnimated(variant, output, decodable));
  const frames = animated ? decodable : 1;
  using base = await decode(file, inspected, largest.target.scaled, frames, profile, limits);

  const packets = findXmpPackets(file.bytes, format, metadata);
  const provenance = readProvenance(file.bytes, format, metadata, packets);
  const kept = chooseMetadata(provenance, labels, profile, imageId);
  const xmp = writeXmp(kept);
  const overlaid = overlaidVariants(profile, provenance.label);
  const variants: RenderedByChild['variants'] = {};
  const made = new Map<string, Encoded>();
  let encoder = '';
  let grew: GrowthReason | null = null;
  for (const each of plans) {
    const { name } = each;
    const overlay = (overlaid.includes(name) && profile.overlay) || null;
    const how = encodingOf(each, format, base.frames, overlay !== null);
    const encoded = made.get(how) ?? (await encodePlan(each, overlay));
    made.set(how, encoded);
    await writeFile(outputFile(name, encoded.format), encoded.data);
    variants[name] = { format: encoded.format, width: encoded.width, height: encoded.height };
    if (name !== 'main') continue;
    encoder = encoded.encoder;
    grew = growthReason(inspected, encoded, xmp, overlay !== null);
  }
  const main = variants.main ?? source;
  return {
    source: { format, width, height, frames: inspected.sourceFrames },
    variants,
    placeholder: await makePlaceholder(base),
    receipt: {
      declaredType,
      detectedType: FORMATS[format].mediaType,
      orientationApplied: orientation,
      colorProfile: describeColor(metadata, signalled, base.wide),
      ...describeMetadata(metadata, packets, embedded, inspected.lost),
      ...(animated && hasLongDelay(metadata) ? { delaysShortened: true as const } : {}),
      ...(profile.overlay !== undefined && overlaid.length > 0
        ? { overlay: { sha256: profile.overlay.sha256, variants: overlaid } }
        : {}),
      gainMap: inspected.hasGainMap ? 'removed' : null,
      ...describeProvenance(
        provenance,
        kept,
        Object.values(variants).map((variant) => variant.format),
      ),
      resized: main.width !== width || main.height !== height,
      encoder,
      grew,
    },
  };

  async function encodePlan({ variant, target, output }: Plan, overlay: Overlay | null): Promise<Encoded> {
    if (overlay === null) return encode(base, inspected, variant, output, xmp);
    const which = isAnimated(variant, output, base.frames) ? 'all' : 'first';
    using drawn = await drawOverlay(base, target, which, overlay);
    return await encode(drawn, inspected, variant, output, xmp);
  }
}

interface Plan {
  name: string;
  variant: Variant;
  target: Target;
  output: StoredFormat;
}

function plan(
  name: string,
  variant: Variant,
  source: { width: number; height: number },
  format: ImageFormat,
): Plan {
  const output = outputFormat(variant, format);
  return { name, variant, output, target: targetOf(source, variant, output) };
}

/** All that decides about a variant's bytes: of a small image, main and thumb are often the same. */
function encodingOf(
  { variant, target, output }: Plan,
  source: ImageFormat,
  frames: number,
  isOverlaid: boolean,
): string {
  const { quality, effort, background, maxBytes } = variant;
  const asked = output === source ? output : variant.format;
  const all = isAnimated(variant, output, frames);
  return JSON.stringify({ output, asked, target, all, quality, effort, background, maxBytes, isOverlaid });
}
