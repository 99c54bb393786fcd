import type { Image } from '@pixdock/client';
import { t } from '../messages/say.js';
import { formatPixels, formatSize } from '../parts/format.js';

/** The receipt of a published image, one change a line: what a person would say about it. */
export function receiptWords({ receipt, source, variants }: Image): string[] {
  if (receipt === null) return [];
  const main = variants['main'];
  const words: string[] = [];
  if (receipt.orientationApplied > 1) words.push(t('receipt.upright'));
  if (receipt.colorProfile.includes('→')) words.push(t('receipt.color', { change: receipt.colorProfile }));
  if (receipt.resized && main !== undefined && source.width !== null && source.height !== null)
    words.push(
      t('receipt.resized', {
        before: formatPixels(source.width, source.height),
        after: formatPixels(main.width, main.height),
      }),
    );
  if (receipt.gpsRemoved) words.push(t('receipt.gps'));
  if (receipt.removed.length > 0)
    words.push(t('receipt.removed', { names: receipt.removed.map((name) => name.toUpperCase()).join(', ') }));
  if (receipt.aiLabel !== null)
    words.push(t(receipt.aiLabel.written ? 'receipt.label-kept' : 'receipt.label-omitted'));
  if (receipt.overlay !== undefined) words.push(t('receipt.overlay'));
  if (receipt.copyright?.written === true) words.push(t('receipt.copyright'));
  if (receipt.c2pa) words.push(t('receipt.c2pa'));
  if (receipt.gainMap === 'removed') words.push(t('receipt.gain-map'));
  if (receipt.delaysShortened === true) words.push(t('receipt.delays-shortened'));
  if (main !== undefined && source.bytes !== null) words.push(...sizeWords(source.bytes, main.bytes));
  if (receipt.grew !== null) words.push(t(`receipt.${receipt.grew}`));
  return words;
}

function sizeWords(before: number, after: number): string[] {
  const sizes = { before: formatSize(before), after: formatSize(after) };
  if (sizes.before === sizes.after) return [];
  const percent = Math.round((1 - after / before) * 100);
  return [percent > 0 ? t('receipt.smaller', { ...sizes, percent }) : t('receipt.size', sizes)];
}
