import type { ImageFormat } from '@pixdock/contract/media-type';
import type { Metadata } from 'sharp';
import type { FileBytes } from '../container/bytes.js';
import { hasC2pa } from './c2pa.js';
import { type Copyright, readCopyright } from './read-copyright.js';
import { readLabel, type SourceLabel } from './read-label.js';
import { pngTexts } from './read-png-text.js';
import { readXmp } from './read-xmp.js';

/** The statements of a source about its origin. */
export interface Provenance {
  label: SourceLabel | null;
  copyright: Copyright | null;
  c2pa: boolean;
}

/** @param xmp the packets that findXmpPackets returned */
export function readProvenance(
  bytes: FileBytes,
  format: ImageFormat,
  metadata: Metadata,
  xmp: readonly Buffer[],
): Provenance {
  const packets = xmp.map(readXmp);
  const texts = format === 'png' ? [...pngTexts(bytes, 'AIGC')] : [];
  return {
    label: readLabel(packets, texts),
    copyright: readCopyright(packets, metadata),
    c2pa: hasC2pa(bytes, format),
  };
}
