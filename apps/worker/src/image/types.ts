import type { ErrorCode } from '@pixdock/contract/error-table';
import { placeholderSchema, receiptSchema } from '@pixdock/contract/image';
import { IMAGE_FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import type { Detail } from '@pixdock/contract/messages/detail';
import type { Profile } from '@pixdock/contract/profile';
import { z } from 'zod';

/** What a decode may cost; the settings MAX_PIXELS, MAX_FRAMES, MAX_SCANS and ACCEPT_FORMATS. */
export interface ImageLimits {
  /** Width × height × frames. */
  maxPixels: number;
  maxFrames: number;
  /** SOS markers of a JPEG. */
  maxScans: number;
  /** The only loaders that exist. */
  formats: readonly ImageFormat[];
}

export interface RenderTask {
  /** The staged source; read, never changed. */
  sourcePath: string;
  /** An existing folder; each variant is written there as `{variant}.{extension}`. */
  outputDir: string;
  /** The Content-Type that the sender gave, for the receipt. */
  declaredType: string | null;
  profile: Profile;
  /** Owners take turns at the lanes. */
  owner: string;
  /** Goes before all that is not: somebody may be waiting for this one. */
  isUrgent: boolean;
  /** Called once when the header has been checked and the decode begins. */
  onNormalizing?: () => void;
}

const renderedVariantSchema = z.object({
  /** Name within outputDir. */
  file: z.string(),
  format: z.enum(IMAGE_FORMATS),
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.int().positive(),
  /** Hex MD5 of the file, as OSS's ETag will be. */
  md5: z.string().regex(/^[0-9a-f]{32}$/),
});
export type RenderedVariant = z.output<typeof renderedVariantSchema>;

/** The result of a render; kept beside the outputs so that a later attempt repeats the put, not the decode. */
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

/** A refusal is the image's own fault and final; faults of the machine are thrown. */
export type RenderOutcome =
  | { outcome: 'rendered'; rendered: Rendered }
  | { outcome: 'refused'; code: ErrorCode; detail: Detail };

/** Decodes and encodes in child processes, one for each lane. */
export interface ImageEngine {
  /** Waits for a free lane, then renders. @throws when `signal` aborts, or the machine fails. */
  render(task: RenderTask, signal: AbortSignal): Promise<RenderOutcome>;
  /** Kills the children and removes their folders. */
  stop(): Promise<void>;
}
