import { z } from 'zod';
import { AI_LABEL_MAX_TEXT, AI_LABELS } from './ai-label.js';

const text = z.string();

const COPYRIGHT_MAX_TEXT = 1024;
const rights = z.string().max(COPYRIGHT_MAX_TEXT).nullable();

/**
 * Why a `main` is larger than its source: it carries a label, the encoder cannot match the size of the source at its
 * quality, a lossless source became another lossless format, the profile asks for another format, or the pixels had to
 * change (size, orientation, colour).
 */
export const GROWTH_REASONS = [
  'label_added',
  'source_optimized',
  'lossless_source',
  'other_format',
  'pixels_changed',
] as const;
export type GrowthReason = (typeof GROWTH_REASONS)[number];

const labelText = z.string().max(AI_LABEL_MAX_TEXT).nullable();

/** The label of AI-generated content that a source has. */
export const aiLabelSchema = z.object({
  label: z.enum(AI_LABELS).meta({ description: 'An unreadable label counts as `suspected`' }),
  producer: labelText,
  produceId: labelText,
  propagator: labelText,
  source: z.enum(['xmp', 'png-text', 'iptc']),
  written: z.boolean().meta({ description: 'Whether every variant carries the label' }),
  omitted: z
    .enum(['setting', 'too-long', 'malformed', 'gif'])
    .nullable()
    .meta({ description: 'Why not: AI_LABEL is drop, the label cannot be copied, or a variant is a GIF' }),
});
export type AiLabel = z.output<typeof aiLabelSchema>;

export const receiptSchema = z.object({
  declaredType: text.nullable().meta({ examples: ['image/jpeg'] }),
  detectedType: text.meta({ examples: ['image/jpeg'] }),
  orientationApplied: z.int().meta({ examples: [6] }),
  colorProfile: text.meta({ examples: ['sRGB'] }),
  removed: z.array(text).meta({ examples: [['exif', 'xmp']] }),
  gpsRemoved: z.boolean().meta({ examples: [true] }),
  resized: z.boolean(),
  encoder: text.meta({ examples: ['encoder 1'] }),
  grew: z.enum(GROWTH_REASONS).nullable(),
  profileVersion: text.meta({ examples: ['4d5f0a1c'] }),
  aiLabel: aiLabelSchema.nullable(),
  c2pa: z.boolean().meta({ description: 'Whether the source has a C2PA manifest; no output has one' }),
  copyright: z
    .object({ creator: rights, notice: rights, licenseUrl: rights, written: z.boolean() })
    .nullable()
    .meta({ description: 'With the profile option `metadata: copyright`, what the source states' }),
  delaysShortened: z.literal(true).optional().meta({
    type: 'boolean',
    description: 'Present if frames of an animation last longer than 65.535 s, the limit here',
  }),
  overlay: z
    .object({
      sha256: text.meta({ examples: ['b5a2…'] }),
      variants: z.array(text).meta({ examples: [['main', 'thumb']] }),
    })
    .optional()
    .meta({
      description:
        'Present if the overlay of the profile was drawn: the digest of its PNG, and the variants that show it',
    }),
  gainMap: z.enum(['kept', 'removed']).nullable().meta({
    description: 'Whether an output keeps the HDR gain map of the source; null if the source has none',
  }),
});
export type Receipt = z.output<typeof receiptSchema>;

export const placeholderSchema = z.object({
  thumbhash: text.meta({ examples: ['HBkSHYSIeHiPiHh8eJd4eTN0EEQG'] }),
  color: text.meta({ examples: ['#a8b2c0'] }),
});
export type Placeholder = z.output<typeof placeholderSchema>;
