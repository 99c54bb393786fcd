import { isDeepStrictEqual } from 'node:util';
import type { Tags } from './exiftool.js';

export interface Expected {
  /** The JSON of the label. */
  aigc: string | null;
  digitalSourceType: string | null;
}

const AIGC = 'XMP-TC260:Aigc';
const DIGITAL_SOURCE_TYPE = 'XMP-iptcExt:DigitalSourceType';

/** The differences between the tags of an output and those that it must have. */
export function differences(tags: Tags, { aigc, digitalSourceType }: Expected): string[] {
  const { [AIGC]: label, [DIGITAL_SOURCE_TYPE]: type, ...others } = tags;
  const extra = Object.keys(others).filter((name) => !STRUCTURE.test(name));
  return [
    ...(Object.keys(tags).length === 0 ? ['cannot be read'] : []),
    ...fieldDifferences(label ?? null, aigc),
    ...(isDeepStrictEqual(type ?? null, digitalSourceType) ? [] : [`has the source type ${String(type)}`]),
    ...extra.map((name) => `has ${name}`),
  ];
}

function fieldDifferences(label: unknown, aigc: string | null): string[] {
  const [found, expected] = [fieldsOf(label), fieldsOf(aigc)];
  const names = new Set([...Object.keys(found), ...Object.keys(expected)]);
  return [...names]
    .filter((name) => !isDeepStrictEqual(found[name], expected[name]))
    .map((name) => `has ${JSON.stringify(found[name])} as ${name}`);
}

/** Text that is not JSON counts as one field. */
function fieldsOf(label: unknown): Record<string, unknown> {
  if (label === null) return {};
  try {
    return JSON.parse(label as string) as Record<string, unknown>;
  } catch {
    return { label };
  }
}

/** Tags that describe the file, its container and its pixels. */
const STRUCTURE = new RegExp(
  `^(${[
    'ExifTool:ExifToolVersion',
    'System:File\\w+',
    'System:Directory',
    'File:(FileType|FileTypeExtension|MIMEType|ImageWidth|ImageHeight|EncodingProcess|BitsPerSample|ColorComponents|YCbCrSubSampling)',
    'Composite:(ImageSize|Megapixels)',
    'PNG:(ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace|Palette)',
    'PNG-pHYs:(PixelsPerUnit[XY]|PixelUnits)',
    'RIFF:(WebP_Flags|ImageWidth|ImageHeight|VP8Version|HorizontalScale|VerticalScale|AlphaIsUsed)',
    'QuickTime:(MajorBrand|MinorVersion|CompatibleBrands|HandlerType|AV1ConfigurationVersion|ChromaFormat|ChromaSamplePosition)',
    'QuickTime:(SeqProfile|SeqLevelIdx0|SeqTier0|HighBitDepth|TwelveBit|InitialDelaySamples)',
    'QuickTime:(ImageSpatialExtent|ImagePixelDepth|MediaData|MediaDataSize|MediaDataOffset|ColorProfiles|ColorPrimaries)',
    'QuickTime:(TransferCharacteristics|MatrixCoefficients|VideoFullRangeFlag)',
    'Meta:PrimaryItemReference',
  ].join('|')})$`,
);
