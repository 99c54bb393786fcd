import type { Text } from '../error-table.js';
import type { ImageFormat } from '../media-type.js';

export const onlyFormats = (profile: string, formats: readonly ImageFormat[], format: ImageFormat): Text => ({
  en: `Profile ${profile} takes ${formats.join(', ')}; this is ${format}.`,
  zh: `profile ${profile} 只接受 ${formats.join('、')}；此文件为 ${format}。`,
});

export const onlyBytes = (profile: string, maxBytes: number, bytes: number): Text => ({
  en: `Profile ${profile} takes up to ${maxBytes} bytes; this file has ${bytes}.`,
  zh: `profile ${profile} 最多接受 ${maxBytes} 字节；此文件有 ${bytes} 字节。`,
});

export const noSuchProfile = (names: readonly string[]): Text => ({
  en: `There is no such profile; this server has ${names.join(', ')}.`,
  zh: `没有这个 profile；此服务器提供 ${names.join(', ')}。`,
});
