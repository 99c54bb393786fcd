import type { ErrorCode } from '@pixdock/contract/error-table';
import { IMAGE_FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import type { Detail } from '@pixdock/contract/messages/detail';
import type { Profile } from '@pixdock/contract/profile';
import { placeholderSchema, receiptSchema } from '@pixdock/contract/receipt';
import { z } from 'zod';

/** Limits on a decode: the settings MAX_PIXELS, MAX_ANIMATION_PIXELS, MAX_FRAMES, MAX_SCANS, ACCEPT_FORMATS and HEIC_DECODER. */
export interface ImageLimits {
  /** Width × height of a still image or of one frame. */
  maxPixels: number;
  /** Width × height × frames of an animation. */
  maxAnimationPixels: number;
  maxFrames: number;
  /** Limit on the SOS markers of a JPEG. */
  maxScans: number;
  /** Accepted formats. The child has no other loaders. */
  formats: readonly ImageFormat[];
  /** Path of the command that decodes HEIC; null if it is not accepted. */
  heicDecoder: string | null;
}

export interface RenderTask {
  /** The staged source, which is never changed. */
  sourcePath: string;
  /** The client's Content-Type, for the receipt. */
  declaredType: string | null;
  profile: Profile;
  /** Identifies the image in a label that names no propagator. */
  imageId: string;
  /** Owners share the lanes fairly. */
  owner: string;
  /** Precedes all tasks that are not urgent, since a client may be waiting for this image. */
  isUrgent: boolean;
  /** Called once, after the header checks and before the decode. */
  onNormalizing?: () => void;
}

const renderedVariantSchema = z.object({
  /** Name of its file in staging. */
  file: z.string(),
  format: z.enum(IMAGE_FORMATS),
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.int().positive(),
  /** Hex MD5 of the file, equal to OSS's ETag. */
  md5: z.string().regex(/^[0-9a-f]{32}$/),
});
export type RenderedVariant = z.output<typeof renderedVariantSchema>;

/** The result of a render. It is stored beside the variants that cannot be put yet, so that a retry repeats only the put. */
export const renderedSchema = z.object({
  source: z.object({
    format: z.enum(IMAGE_FORMATS),
    /** After orientation. */
    width: z.int().positive(),
    height: z.int().positive(),
    frames: z.int().positive(),
  }),
  variants: z.record(z.string(), renderedVariantSchema),
  placeholder: placeholderSchema,
  receipt: receiptSchema,
});
export type Rendered = z.output<typeof renderedSchema>;

/** The bytes of every variant, by its name. */
export type Bodies = ReadonlyMap<string, Buffer>;

/** A rendered image and its bytes. */
export interface RenderedImage {
  rendered: Rendered;
  bodies: Bodies;
}

/** A refusal is final, since the image is at fault. Faults of the machine are thrown. */
export type RenderOutcome =
  | ({ outcome: 'rendered' } & RenderedImage)
  | { outcome: 'refused'; code: ErrorCode; detail: Detail };

/** Decodes and encodes in child processes, one for each lane. */
export interface ImageEngine {
  /** Waits for a free lane, then renders. @throws the signal's reason when `signal` aborts; system errors */
  render(task: RenderTask, signal: AbortSignal): Promise<RenderOutcome>;
  /** Kills the children and removes their folders. */
  stop(): Promise<void>;
}
