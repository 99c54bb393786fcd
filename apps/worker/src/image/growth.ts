import type { GrowthReason } from '@pixdock/contract/receipt';
import type { Encoded } from './encode.js';
import { bytesOfXmp } from './encodings/xmp.js';
import type { Inspected } from './inspect.js';
import { convertsColour } from './metadata.js';

/** Why `main` is larger than its source; null if it is not. */
export function growthReason(
  inspected: Inspected,
  main: Encoded,
  xmp: string | null,
  isOverlaid: boolean,
): GrowthReason | null {
  const { coding, format, width, height, orientation, metadata, signalled } = inspected;
  if (main.data.length <= coding.bytes) return null;
  if (main.data.length - bytesOfXmp(xmp, main.format) <= coding.bytes) return 'label_added';
  const keepsFormat = main.format === format;
  if (!keepsFormat && !(coding.isLossless && main.isLossless)) return 'other_format';
  const isChanged =
    isOverlaid ||
    orientation !== 1 ||
    main.width !== width ||
    main.height !== height ||
    convertsColour(metadata, signalled);
  if (isChanged) return 'pixels_changed';
  return keepsFormat ? 'source_optimized' : 'lossless_source';
}
