import { catalog } from './catalog.js';
import { type Place, subject } from './place.js';
import { list } from './values.js';

/** Problems of multipart bodies and of file names. */
export const formMessages = catalog({
  'form-malformed': {
    en: 'The multipart body is malformed or incomplete. Let your HTTP library set Content-Type with its boundary, and give every part a Content-Disposition: form-data with a name.',
    zh: 'multipart 请求体格式有误或不完整。请让 HTTP 库自动设置带 boundary 的 Content-Type，每个部分都要有 Content-Disposition: form-data 和 name。',
  },
  'archive-in-form': {
    en: 'A form is a batch of image files. Send an archive as the body: Content-Type: application/zip; with curl: --data-binary @photos.zip.',
    zh: '表单中的每个文件应为图片。压缩包请直接作为请求体发送：Content-Type: application/zip；使用 curl：--data-binary @photos.zip。',
  },
  'sheet-in-form': {
    en: 'A form is a batch of image files. Send a list of URLs as the body: Content-Type: text/csv or application/x-ndjson; with curl: --data-binary @rows.csv.',
    zh: '表单中的每个文件应为图片。URL 列表请直接作为请求体发送：Content-Type: text/csv 或 application/x-ndjson；使用 curl：--data-binary @rows.csv。',
  },
  'form-without-file': {
    en: 'The form contains no file. Send one part named `file`; with curl: -F file=@photo.jpg.',
    zh: '表单里没有文件。请用名为 file 的字段发送文件；使用 curl：-F file=@photo.jpg。',
  },
  'form-with-files': {
    en: 'There is more than one file. Send each in its own request, or all of them to POST /v1/batches.',
    zh: '表单里有多个文件。请分别发送，或一起提交到 POST /v1/batches。',
  },
  'file-as-text': {
    en: 'The part `file` is text, not a file. With curl, write -F file=@photo.jpg with the @.',
    zh: 'file 字段是文本，不是文件。使用 curl 时请写成 -F file=@photo.jpg，不要漏掉 @。',
  },
  'field-too-long': {
    en: 'A field name or value is too long.',
    zh: '字段名或字段值过长。',
  },
  'part-of-file': {
    en: ({ sign }: { sign: string }) =>
      `\`${sign}\` says that the body is a part of a file. Send the whole file in one request, or let a tus client send its parts to POST /v1/uploads.`,
    zh: ({ sign }) =>
      `“${sign}”表示请求体只是文件的一个分片。请在一个请求中发送完整文件，或改用 tus 客户端把分片发到 POST /v1/uploads。`,
  },
  'too-many-parts': { en: 'There are too many parts.', zh: '表单的部分（part）太多。' },
  'batch-part': {
    en: ({ name }: { name: string }) =>
      `The form of a batch takes only files, not the option "${name}". Set a profile for all files in the query: ?profile=NAME.`,
    zh: ({ name }) =>
      `批次表单只接受文件，不能有选项“${name}”。适用于所有文件的 profile 请写在查询参数中：?profile=NAME。`,
  },
  'field-ignored': {
    en: ({ options, ...at }: Place & { options: readonly string[] }) =>
      `${subject.en(at)} is not an option and was ignored. The options are ${list.en(options)}.`,
    zh: ({ options, ...at }) => `${subject.zh(at)}不是选项，已忽略。可用的选项：${list.zh(options)}。`,
  },
  'batch-field-ignored': {
    en: (at: Place) =>
      `${subject.en(at)} was ignored, because the form of a batch takes only files and the field "reuse".`,
    zh: (at) => `${subject.zh(at)}已忽略，因为批次表单只接受文件和字段 reuse。`,
  },
  'file-name-goes-up': {
    en: 'The file name goes up a folder (..). Send a plain name such as photo.jpg.',
    zh: '文件名包含上级目录（..）。请使用普通文件名，例如 photo.jpg。',
  },
  'file-name-control-characters': {
    en: 'The file name contains control characters. Send a plain name such as photo.jpg.',
    zh: '文件名包含控制字符。请使用普通文件名，例如 photo.jpg。',
  },
  'file-name-too-long': {
    en: ({ max }: { max: number }) =>
      `The file name is longer than ${max} characters. Send a plain name such as photo.jpg.`,
    zh: ({ max }) => `文件名超过 ${max} 个字符。请使用普通文件名，例如 photo.jpg。`,
  },
});
