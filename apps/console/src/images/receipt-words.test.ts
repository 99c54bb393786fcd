import { afterEach, expect, test } from 'vitest';
import { language } from '../state/preferences.js';
import { SOURCE, testImage } from '../testing/image.js';
import { receiptWords } from './receipt-words.js';
import { htmlOf, markdownOf } from './snippets.js';

afterEach(() => {
  language.value = 'en';
});

const MAIN = {
  url: '',
  key: '',
  width: 2560,
  height: 1920,
  bytes: 512_233,
  mediaType: 'image/webp',
  etag: '',
};
const LABEL = { producer: null, produceId: null, propagator: null, source: 'xmp', omitted: null } as const;

const image = testImage({
  source: { ...SOURCE, width: 4032, height: 3024, bytes: 4_300_000 },
  variants: { main: MAIN },
  receipt: {
    declaredType: 'image/jpeg',
    detectedType: 'image/jpeg',
    orientationApplied: 6,
    colorProfile: 'Display P3 → sRGB',
    removed: ['exif', 'xmp'],
    gpsRemoved: true,
    resized: true,
    grew: null,
    encoder: 'webp',
    profileVersion: '1',
    aiLabel: { ...LABEL, label: 'ai', written: true },
    c2pa: false,
    copyright: null,
    gainMap: null,
  },
});

test('says the receipt in words', () => {
  expect(receiptWords(image)).toEqual([
    'Rotated upright',
    'Color Display P3 → sRGB',
    'Resized, 4032 × 3024 → 2560 × 1920',
    'GPS position removed',
    'EXIF, XMP removed',
    'AI label kept',
    '4.1 MiB → 500.2 KiB, 88 % smaller',
  ]);
  language.value = 'zh';
  expect(receiptWords(image).slice(0, 2)).toEqual(['已转正方向', '颜色 Display P3 → sRGB']);
});

test('says nothing of a size that is the same in words', () => {
  const { main } = image.variants;
  const same = { ...image, source: { ...image.source, bytes: (main?.bytes ?? 0) + 1 } };
  expect(receiptWords(same).join()).not.toContain('KiB');
});

test('escapes names in Markdown and HTML', () => {
  expect(markdownOf('a [b]', 'https://a.example/1.jpg')).toBe('![a \\[b\\]](https://a.example/1.jpg)');
  expect(htmlOf('"<b>"', { url: 'https://a.example/?a=1&b', width: 2, height: 1 })).toBe(
    '<img src="https://a.example/?a=1&amp;b" width="2" height="1" alt="&quot;&lt;b&gt;&quot;" loading="lazy">',
  );
});
