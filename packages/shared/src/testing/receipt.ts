import type { Receipt } from '@pixdock/contract/receipt';

/** The receipt of an image that was published unchanged. */
export function testReceipt(changes: Partial<Receipt> = {}): Receipt {
  return {
    declaredType: null,
    detectedType: 'image/png',
    orientationApplied: 1,
    colorProfile: 'sRGB',
    removed: [],
    gpsRemoved: false,
    resized: false,
    encoder: 'png',
    grew: null,
    profileVersion: 'v1',
    aiLabel: null,
    c2pa: false,
    copyright: null,
    gainMap: null,
    ...changes,
  };
}
