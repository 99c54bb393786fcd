import type { GrowthReason } from '@pixdock/contract/image';
import type { Encoded } from './encode.js';
import type { Inspected } from './inspect.js';
import { convertsColour } from './metadata.js';

/** Why `main` is larger than its source; null if it is not. */
export function growthReason(inspected: Inspected, main: Encoded): GrowthReason | null {
  const { coding, format, width, height, orientation, metadata, signalled } = inspected;
  if (main.data.length <= coding.bytes) return null;
  if (main.format !== format)
    return coding.isLossless && main.isLossless ? 'lossless_source' : 'other_format';
  const isChanged =
    orientation !== 1 ||
    main.width !== width ||
    main.height !== height ||
    convertsColour(metadata, signalled);
  return isChanged ? 'pixels_changed' : 'source_optimized';
}
