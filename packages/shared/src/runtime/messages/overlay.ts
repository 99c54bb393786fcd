import { catalog, sayIn } from '@pixdock/contract/messages/catalog';
import { size } from '@pixdock/contract/messages/values';

interface OfFile {
  path: string;
}

/** Problems of the file of an overlay. */
export const say = sayIn(
  catalog({
    unreadable: {
      en: ({ path, reason }: OfFile & { reason: string }) => `"${path}" cannot be read: ${reason}`,
      zh: ({ path, reason }) => `无法读取“${path}”：${reason}`,
    },
    'not-a-png': {
      en: ({ path }: OfFile) => `"${path}" is not a PNG, or is damaged`,
      zh: ({ path }) => `“${path}”不是 PNG，或已损坏`,
    },
    'too-many-bytes': {
      en: ({ path, bytes }: OfFile & { bytes: number }) => `"${path}" is ${size.en(bytes)} large`,
      zh: ({ path, bytes }) => `“${path}”的大小为 ${size.zh(bytes)}`,
    },
    'too-many-pixels': {
      en: ({ path, width, height }: OfFile & { width: number; height: number }) =>
        `"${path}" has ${width} × ${height} pixels`,
      zh: ({ path, width, height }) => `“${path}”为 ${width} × ${height} 像素`,
    },
    'overlay.fix': {
      en: ({ bytes, side }: { bytes: number; side: number }) =>
        `export it as a PNG of at most ${size.en(bytes)} and ${side} pixels a side`,
      zh: ({ bytes, side }) => `请导出为不超过 ${size.zh(bytes)}、边长不超过 ${side} 像素的 PNG`,
    },
    'unknown-variant': {
      en: ({ name }: { name: string }) => `"${name}" is not a variant of this profile`,
      zh: ({ name }) => `“${name}”不是该处理方案的变体`,
    },
    'unknown-variant.fix': {
      en: ({ variants }: { variants: readonly string[] }) => `name some of ${variants.join(', ')}`,
      zh: ({ variants }) => `可选（可多选）：${variants.join('、')}`,
    },
  }),
);
