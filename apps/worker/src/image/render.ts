import { writeFile } from 'node:fs/promises';
import type { GrowthReason } from '@pixdock/contract/image';
import { FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import type { Profile, Variant } from '@pixdock/contract/profile';
import { decode } from './decode.js';
import { encode, isAnimated, outputFormat } from './encode.js';
import type { RenderedByChild } from './from-child.js';
import { type Target, targetOf } from './geometry.js';
import { growthReason } from './growth.js';
import { inspect } from './inspect.js';
import { describeColor, describeMetadata } from './metadata.js';
import { makePlaceholder } from './placeholder.js';
import { outputFile } from './protocol.js';
import type { ImageLimits } from './types.js';

/**
 * Decodes once, renders every variant of the profile and writes them beside the source. Runs in the child.
 * @throws Refusal when the image is at fault; system errors
 */
export async function render(
  sourcePath: string,
  profile: Profile,
  declaredType: string | null,
  limits: ImageLimits,
  onNormalizing: () => void,
): Promise<RenderedByChild> {
  const inspected = await inspect(sourcePath, profile, limits);
  onNormalizing();
  const { format, width, height, metadata, embedded, orientation, signalled } = inspected;
  const source = { width, height };
  const plans = Object.entries(profile.variants).map(([name, variant]) =>
    plan(name, variant, source, format),
  );
  const largest = plans.reduce((a, b) => (b.target.scale > a.target.scale ? b : a));
  const animated = plans.some(({ variant, output }) => isAnimated(variant, output, inspected.frames));
  const frames = animated ? inspected.frames : 1;
  const base = await decode(sourcePath, inspected, largest.target.scaled, frames, profile, limits);

  const variants: RenderedByChild['variants'] = {};
  let encoder = '';
  let grew: GrowthReason | null = null;
  for (const { name, variant, output } of plans) {
    const encoded = await encode(base, inspected, variant, output);
    await writeFile(outputFile(name, encoded.format), encoded.data);
    variants[name] = { format: encoded.format, width: encoded.width, height: encoded.height };
    if (name !== 'main') continue;
    encoder = encoded.encoder;
    grew = growthReason(inspected, encoded);
  }
  const main = variants.main ?? source;
  return {
    source: { format, width, height, frames: inspected.frames },
    variants,
    placeholder: await makePlaceholder(base),
    receipt: {
      declaredType,
      detectedType: FORMATS[format].mediaType,
      orientationApplied: orientation,
      colorProfile: describeColor(metadata, signalled, base.wide),
      ...describeMetadata(metadata, embedded),
      resized: main.width !== width || main.height !== height,
      encoder,
      grew,
    },
  };
}

interface Plan {
  name: string;
  variant: Variant;
  target: Target;
  output: ImageFormat;
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
