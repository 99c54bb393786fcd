import { catalog } from './catalog.js';
import { entrySubject, fileSubject, type NamedPlace, type Place, subject } from './place.js';
import { type OverLimit, overLimit, size } from './values.js';

/** Problems of one row, file or archive entry of a batch. */
export const rowMessages = catalog({
  'row-not-json': {
    en: (at: Place) => `${subject.en(at)} is not JSON.`,
    zh: (at) => `${subject.zh(at)}不是 JSON。`,
  },
  'row-not-utf8': {
    en: (at: Place) => `${subject.en(at)} is not UTF-8 text.`,
    zh: (at) => `${subject.zh(at)}不是 UTF-8 文本。`,
  },
  'row-not-decodable': {
    en: (at: Place) => `${subject.en(at)} is not text in the encoding of the file (UTF-8 or GB18030).`,
    zh: (at) => `${subject.zh(at)}与文件编码（UTF-8 或 GB18030）不符。`,
  },
  'row-too-long': {
    en: ({ max, ...at }: Place & { max: number }) => `${subject.en(at)} is longer than ${size.en(max)}.`,
    zh: ({ max, ...at }) => `${subject.zh(at)}超过 ${size.zh(max)}。`,
  },
  'cell-empty': {
    en: (at: Place) => `${subject.en(at)} is empty.`,
    zh: (at) => `${subject.zh(at)}这一格是空的。`,
  },
  'row-without-source': {
    en: (at: Place) => `${subject.en(at)} has neither a picture nor a column of image URLs.`,
    zh: (at) => `${subject.zh(at)}没有图片，表格里也没有图片链接列。`,
  },
  'row-too-many-cells': {
    en: ({ cells, columns, ...at }: Place & { cells: number; columns: number }) =>
      `${subject.en(at)} has ${cells} cells, but the header row has ${columns}. Put cells that contain the delimiter into quotes.`,
    zh: ({ cells, columns, ...at }) =>
      `${subject.zh(at)}有 ${cells} 个单元格，而表头只有 ${columns} 列。含分隔符的单元格请加引号。`,
  },
  'row-too-many-urls': {
    en: ({ max, ...at }: Place & { max: number }) =>
      `${subject.en(at)} has more than ${max} image URLs. Spread them over several rows.`,
    zh: ({ max, ...at }) => `${subject.zh(at)}的图片链接超过 ${max} 个。请拆成多行。`,
  },
  'too-many-header-sets': {
    en: ({ max, maxBytes, ...at }: Place & { max: number; maxBytes: number }) =>
      `${subject.en(at)} exceeds what one batch can have: ${max} different sets of headers, ${size.en(maxBytes)} together. Split the batch.`,
    zh: ({ max, maxBytes, ...at }) =>
      `${subject.zh(at)}超出了一个批次的上限：请求头最多 ${max} 组，合计不超过 ${size.zh(maxBytes)}。请拆成几个批次。`,
  },

  'file-empty': {
    en: (at: NamedPlace) => `${fileSubject.en(at)} is empty.`,
    zh: (at) => `${fileSubject.zh(at)}是 0 字节空文件，请重选。`,
  },
  'file-too-large': {
    en: (at: NamedPlace & OverLimit) => `${fileSubject.en(at)} ${overLimit.en(at)}`,
    zh: (at) => `${fileSubject.zh(at)}${overLimit.zh(at)}`,
  },

  'entry-empty': {
    en: (at: NamedPlace) => `${entrySubject.en(at)} is empty.`,
    zh: (at) => `${entrySubject.zh(at)}是 0 字节空文件。`,
  },
  'entry-too-large': {
    en: (at: NamedPlace & OverLimit) => `${entrySubject.en(at)} ${overLimit.en(at)}`,
    zh: (at) => `${entrySubject.zh(at)}${overLimit.zh(at)}`,
  },
  'entry-not-an-image': {
    en: (at: NamedPlace) => `${entrySubject.en(at)} is not an image.`,
    zh: (at) => `${entrySubject.zh(at)}不是图片。`,
  },
  'entry-encrypted': {
    en: (at: NamedPlace) => `${entrySubject.en(at)} is encrypted. Make the archive without a password.`,
    zh: (at) => `${entrySubject.zh(at)}已加密。请打包成不带密码的压缩包。`,
  },
  'entry-is-archive': {
    en: (at: NamedPlace) => `${entrySubject.en(at)} is an archive itself. Unpack it first.`,
    zh: (at) => `${entrySubject.zh(at)}本身是压缩包。请先解压。`,
  },
  'entry-compression': {
    en: ({ method, ...at }: NamedPlace & { method: number }) =>
      `${entrySubject.en(at)} is compressed with method ${method}. Only stored and deflated entries can be read.`,
    zh: ({ method, ...at }) => `${entrySubject.zh(at)}用了压缩方法 ${method}，只支持“存储”和 Deflate。`,
  },
  'entry-differs': {
    en: (at: NamedPlace) =>
      `${entrySubject.en(at)} does not match the directory of the archive. Make the archive again.`,
    zh: (at) => `${entrySubject.zh(at)}与压缩包目录中的描述不符。请重新打包。`,
  },
});
