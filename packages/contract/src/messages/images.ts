import { catalog } from './catalog.js';
import { grouped, list, type OverLimit, overLimit, size, sizeOver } from './values.js';

type Size = {
  width: number;
  height: number;
};

/** The sides that a profile requires; it requires nothing of a side whose minimum is 1. */
const minimum = {
  en(minWidth: number, minHeight: number): string {
    if (minHeight <= 1) return `a width of at least ${minWidth}`;
    return minWidth <= 1 ? `a height of at least ${minHeight}` : `at least ${minWidth} × ${minHeight}`;
  },
  zh(minWidth: number, minHeight: number): string {
    if (minHeight <= 1) return `宽度至少 ${minWidth}`;
    return minWidth <= 1 ? `高度至少 ${minHeight}` : `至少 ${minWidth} × ${minHeight}`;
  },
};

/** Problems of the bytes of an image. */
export const imageMessages = catalog({
  'file-over-limit': {
    en: ({ max, bytes }: OverLimit) =>
      `The file ${bytes === undefined ? `is larger than ${size.en(max)}` : `has ${sizeOver.en(bytes, max)}, more than ${size.en(max)}`}, the limit for this upload.`,
    zh: ({ max, bytes }) => `文件${overLimit.zh({ max, bytes })}`,
  },
  'format-not-accepted': {
    en: ({ formats }: { formats: readonly string[] }) =>
      `The file does not begin like an image of an accepted format (${list.en(formats)}).`,
    zh: ({ formats }) => `不支持这种格式；请转成 ${list.zh(formats)}。`,
  },
  'avif-animation': {
    en: 'AVIF animations are not accepted. Send the animation as GIF or WebP, or only one of its frames.',
    zh: '不接受 AVIF 动图。请改用 GIF 或 WebP，或只上传其中一帧。',
  },
  'heic-sequence': {
    en: 'This HEIC file is a sequence without a still image. Send one of its images as HEIC or JPEG.',
    zh: '这个 HEIC 文件只有图像序列，没有静态图片。请把其中一张另存为 HEIC 或 JPEG 后再传。',
  },
  'heif-coding': {
    en: ({ coding }: { coding: string }) =>
      `This HEIF image is coded as ${coding}, but only HEVC (hvc1) can be decoded here. Convert it to JPEG.`,
    zh: ({ coding }) => `这张 HEIF 图片的编码是 ${coding}，这里只能解码 HEVC（hvc1）。请转换为 JPEG。`,
  },
  'too-many-tiles': {
    en: ({ tiles, max }: { tiles: number; max: number }) =>
      `This HEIC image is composed of ${grouped(tiles)} tiles; the limit is ${grouped(max)}. Convert it to JPEG.`,
    zh: ({ tiles, max }) =>
      `这张 HEIC 图片由 ${grouped(tiles)} 个图块组成，上限为 ${grouped(max)} 个。请转换为 JPEG。`,
  },
  'heic-work': {
    en: 'The HEIC decoder needs more memory or time for this image than its size justifies. Convert it to JPEG.',
    zh: '解码这张 HEIC 图片需要的内存或时间远超其尺寸的正常水平。请转换为 JPEG。',
  },
  'jpeg-xl': {
    en: 'JPEG XL images cannot be decoded here. Convert the image to PNG or JPEG first, for example with djxl.',
    zh: '无法解码 JPEG XL 图片。请先转换为 PNG 或 JPEG，例如使用 djxl。',
  },
  'jpeg-bits': {
    en: ({ bits }: { bits: number }) =>
      `This JPEG has ${bits} bits per sample; only 8 can be decoded here. Export it as an 8-bit JPEG or a 16-bit PNG.`,
    zh: ({ bits }) => `这张 JPEG 每个采样是 ${bits} 位，这里只能解码 8 位。请导出为 8 位 JPEG 或 16 位 PNG。`,
  },
  'gif-without-size': {
    en: 'The GIF declares a width or height of 0. Save it again with its size.',
    zh: '这张 GIF 的宽或高是 0，请重新保存。',
  },
  'profile-format': {
    en: ({ profile, formats, format }: { profile: string; formats: readonly string[]; format: string }) =>
      `Profile ${profile} accepts only ${list.en(formats)}; this file is ${format}.`,
    zh: ({ profile, formats, format }) =>
      `处理方案 ${profile} 只接受 ${list.zh(formats)}，这个文件是 ${format}。`,
  },
  'profile-bytes': {
    en: ({ profile, max, bytes }: { profile: string; max: number; bytes: number }) =>
      `Profile ${profile} accepts up to ${size.en(max)}; this file has ${sizeOver.en(bytes, max)}.`,
    zh: ({ profile, max, bytes }) =>
      `文件 ${sizeOver.zh(bytes, max)}，处理方案 ${profile} 的上限是 ${size.zh(max)}，请压缩后重传。`,
  },
  'decoded-format': {
    en: ({ formats, format }: { formats: readonly string[]; format: string }) =>
      `The profile accepts only ${list.en(formats)}; this file is ${format}.`,
    zh: ({ formats, format }) => `这个处理方案只接受 ${list.zh(formats)}，这个文件是 ${format}。`,
  },
  'decoded-bytes': {
    en: ({ max, bytes }: { max: number; bytes: number }) =>
      `The profile accepts up to ${size.en(max)}; this file has ${sizeOver.en(bytes, max)}.`,
    zh: ({ max, bytes }) =>
      `文件 ${sizeOver.zh(bytes, max)}，这个处理方案的上限是 ${size.zh(max)}，请压缩后重传。`,
  },
  'too-many-scans': {
    en: ({ max }: { max: number }) => `This JPEG has more than ${max} scans.`,
    zh: ({ max }) => `这张 JPEG 的扫描（scan）超过 ${max} 个。`,
  },
  'container-too-many-parts': {
    en: ({ max }: { max: number }) =>
      `This file consists of more than ${grouped(max)} segments, chunks, blocks or boxes.`,
    zh: ({ max }) => `这个文件的段、数据块或 box 超过 ${grouped(max)} 个。`,
  },
  'too-many-frames': {
    en: ({ frames, max }: { frames: number; max: number }) =>
      `The animation has ${frames} frames; the limit is ${max}.`,
    zh: ({ frames, max }) => `动图有 ${frames} 帧，上限为 ${max} 帧。`,
  },
  'too-many-pixels': {
    en: ({ width, height, frames, max }: Size & { frames: number; max: number }) => {
      const [fit, few] = fitting(max, { width, height }, frames);
      return frames > 1
        ? `The animation has ${frames} frames of ${width} × ${height} pixels; the limit is ${grouped(max)} pixels in all frames. ${few > 0 ? `${few} frames of this size or ` : ''}${frames} frames of ${fit} would fit.`
        : `The image has ${width} × ${height} pixels; the limit is ${grouped(max)} pixels. ${fit} would fit.`;
    },
    zh: ({ width, height, frames, max }) => {
      const [fit, few] = fitting(max, { width, height }, frames);
      return frames > 1
        ? `动图有 ${frames} 帧，每帧 ${width} × ${height} 像素；所有帧合计上限为 ${grouped(max)} 像素。${few > 0 ? `保持此尺寸至多 ${few} 帧，或` : ''}${frames} 帧缩小到 ${fit} 即可。`
        : `图片为 ${width} × ${height} 像素，上限为 ${grouped(max)} 像素。缩小到 ${fit} 即可。`;
    },
  },
  'too-small': {
    en: ({ width, height, minWidth, minHeight }: Size & { minWidth: number; minHeight: number }) =>
      `The image is ${width} × ${height}; the profile requires ${minimum.en(minWidth, minHeight)}.`,
    zh: ({ width, height, minWidth, minHeight }) =>
      `图片为 ${width} × ${height}，处理方案要求${minimum.zh(minWidth, minHeight)}。`,
  },
  'wrong-aspect': {
    en: ({ width, height, aspect }: Size & { aspect: string }) =>
      `The image is ${width} × ${height}; the profile requires the aspect ratio ${aspect}.`,
    zh: ({ width, height, aspect }) => `图片为 ${width} × ${height}，处理方案要求宽高比为 ${aspect}。`,
  },
  'animation-not-accepted': {
    en: 'The profile accepts only still images.',
    zh: '这个处理方案只接受静态图片。',
  },
  'variant-too-large': {
    en: ({ max }: { max: number }) => `A variant exceeds ${size.en(max)} even at the lowest quality.`,
    zh: ({ max }) => `即使以最低质量编码，仍有变体超过 ${size.zh(max)}。`,
  },
  'entry-over-limit': {
    en: (file: OverLimit) => `The entry ${overLimit.en(file)}`,
    zh: (file) => `这个文件${overLimit.zh(file)}`,
  },
  'entry-damaged': {
    en: 'The entry is damaged: its bytes do not match the directory of the archive. Make the archive again.',
    zh: '这个文件在压缩包里已损坏：内容与压缩包目录中的描述不符。请重新打包。',
  },
});

/** What fits in `max` pixels: the largest size of the same shape for all frames, and the number of frames of this size. */
function fitting(max: number, { width, height }: Size, frames: number): [size: string, frames: number] {
  const scale = Math.sqrt(max / (width * height * frames));
  const [across, down] = [width, height].map((side) => Math.max(1, Math.floor(side * scale)));
  return [`${across} × ${down}`, Math.floor(max / (width * height))];
}
