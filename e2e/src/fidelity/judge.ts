import { readFile, rm } from 'node:fs/promises';
import type { ImageFormat } from '@pixdock/contract/media-type';
import { type Comparison, compare } from './compare.js';
import type { Decoded, Decoder } from './decoders/decoder.js';
import { readWebp } from './decoders/webp.js';
import { isKept, maxBytes } from './rule.js';
import type { Downloaded, Sent } from './send.js';
import { formatOfType, type SourceFile } from './sources.js';

/** The comparison of a published image with its source. */
export interface Judged {
  name: string;
  format: ImageFormat;
  colour: Decoded['colour'];
  /** Estimate for a JPEG, 100 for a lossless source, and null if unknown. */
  quality: number | null;
  main: JudgedMain;
  /** The first frame of each other variant that the decoder can compare. */
  others: Record<string, Comparison>;
}

export interface JudgedMain extends Comparison {
  format: ImageFormat;
  bytes: number;
  /** Bytes of the main per byte of the source. */
  ratio: number;
  isLossy: boolean;
  /** Whether the rule applies: size, orientation, colours and depth stay the same. */
  isKept: boolean;
  /** Whether the rule applies and allows fewer bytes. */
  isLarger: boolean;
  /** The receipt's reason for a larger main. */
  reason: string | null;
  /** Whether the rule applies and asks for the same pixels. */
  mustBeIdentical: boolean;
}

/** Compares all variants, then removes them. @throws when the decoder cannot read the source or a variant */
export async function judge(decoder: Decoder, { path, name }: SourceFile, sent: Sent): Promise<Judged> {
  try {
    const { image, sourceBytes, variants } = sent;
    const { main, ...others } = variants;
    const { receipt } = image;
    if (main === undefined || receipt === null) throw new Error('no main');
    const format = formatOfType(receipt.detectedType);
    // Only the first frame of an animated PNG is published; the receipt says so.
    const frames = receipt.removed.includes('animation') ? { maxFrames: 1 } : {};
    const { source, comparison } = await compareWith(decoder, { path, format, ...frames }, main);
    const isLossy = !(await isLossless(main));
    const kept = isKept(source, receipt);
    const isSourceLossless = await isLossless({ path, format });
    const compared: Judged['others'] = {};
    for (const [variant, file] of Object.entries(others)) {
      if (!decoder.canScale) continue;
      compared[variant] = (await compareWith(decoder, { path, format, maxFrames: 1 }, file)).comparison;
    }
    return {
      name,
      format,
      colour: source.colour,
      quality: isSourceLossless ? 100 : source.quality,
      main: {
        ...comparison,
        format: main.format,
        bytes: main.bytes,
        ratio: main.bytes / sourceBytes,
        isLossy,
        isKept: kept,
        isLarger: kept && main.bytes > maxBytes(format, sourceBytes),
        reason: receipt.grew,
        mustBeIdentical: kept && isSourceLossless && main.format === format,
      },
      others: compared,
    };
  } finally {
    for (const { path: variantPath } of Object.values(sent.variants)) await rm(variantPath, { force: true });
  }
}

async function compareWith(
  decoder: Decoder,
  file: { path: string; format: ImageFormat; maxFrames?: number },
  variant: Downloaded,
): Promise<{ source: Decoded; comparison: Comparison }> {
  const maxFrames = file.maxFrames === undefined ? {} : { maxFrames: file.maxFrames };
  await using source = await decoder.decode(file, decoder.canScale ? variant : undefined);
  await using decoded = await decoder.decode({ path: variant.path, format: variant.format, ...maxFrames });
  return { source, comparison: await compare(source, decoded) };
}

async function isLossless({ path, format }: { path: string; format: ImageFormat }): Promise<boolean> {
  if (format === 'webp') return readWebp(await readFile(path)).isLossless;
  return format === 'png' || format === 'gif';
}
