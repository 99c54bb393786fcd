import { catalog } from './catalog.js';
import { list } from './values.js';

/** Problems of resumable and direct uploads. */
export const uploadMessages = catalog({
  'tus-version': {
    en: ({ version }: { version: string }) =>
      `Send Tus-Resumable: ${version}. This server supports no other version.`,
    zh: ({ version }) => `请发送 Tus-Resumable: ${version}，服务器不支持其他版本。`,
  },
  'body-without-tus': {
    en: 'This address takes resumable uploads of tus clients, which send Tus-Resumable. Send a form or the bytes of an image to POST /v1/images.',
    zh: '此地址只接受 tus 客户端的断点续传（带 Tus-Resumable）。表单或图片内容请发送到 POST /v1/images。',
  },
  'upload-length': {
    en: 'Upload-Length is not the number of bytes of the file. The length must be known when the upload is created.',
    zh: 'Upload-Length 不是文件的字节数。创建上传时必须知道文件长度。',
  },
  'upload-offset': {
    en: 'Upload-Offset is not the number of bytes before those of this request.',
    zh: 'Upload-Offset 不是本次请求之前的字节数。',
  },
  'upload-offset-differs': {
    en: ({ given, offset }: { given: number; offset: number }) =>
      `The bytes begin at ${given}, but the server has ${offset} bytes of this upload.`,
    zh: ({ given, offset }) => `数据从第 ${given} 字节开始，而服务器已收到该上传的 ${offset} 字节。`,
  },
  'upload-over-length': {
    en: ({ max }: { max: number }) => `The upload has more bytes than its Upload-Length, ${max}.`,
    zh: ({ max }) => `数据超过该上传的 Upload-Length（${max} 字节）。`,
  },
  'upload-concat': {
    en: 'Upload-Concat is not supported. Send the file as one upload; in tus-js-client, leave parallelUploads out.',
    zh: '不支持 Upload-Concat。请将文件作为一个上传发送；使用 tus-js-client 时请勿设置 parallelUploads。',
  },
  'upload-metadata': {
    en: 'Upload-Metadata is not a list of different names, each with a value in Base64 of UTF-8 text.',
    zh: 'Upload-Metadata 应为互不相同的名称列表，每个名称后是 UTF-8 文本的 Base64 值。',
  },
  'upload-resource': {
    en: ({ value }: { value: string }) =>
      `The metadata \`resource\` is "${value}". It must be "image", the default, or "batch".`,
    zh: ({ value }) => `元数据 resource 的值为“${value}”，只能是 image（默认）或 batch。`,
  },
  'upload-checksum': {
    en: ({ algorithms }: { algorithms: readonly string[] }) =>
      `Upload-Checksum is not one of ${list.en(algorithms)} and the digest in Base64.`,
    zh: ({ algorithms }) => `Upload-Checksum 应为 ${list.zh(algorithms)} 之一，后跟 Base64 编码的摘要。`,
  },
  'upload-bytes-type': {
    en: ({ type }: { type: string }) => `Send the bytes of an upload with Content-Type: ${type}.`,
    zh: ({ type }) => `请以 Content-Type: ${type} 发送上传数据。`,
  },
  'direct-uploads-need-bucket': {
    en: 'This server has no direct uploads, because its staging is a folder (see STAGING_URL). Send the file to POST /v1/images, or in pieces to /v1/uploads.',
    zh: '此服务器的暂存区是目录（见 STAGING_URL），不支持直传。请将文件发送到 POST /v1/images，或分段发送到 /v1/uploads。',
  },
  'direct-upload-unknown': {
    en: ({ id }: { id: string }) =>
      `You have no direct upload ${id}: it has become an image, or its hour is over. Create another one with POST /v1/direct-uploads, and send the file again.`,
    zh: ({ id }) =>
      `没有直传 ${id}：它已成为图片，或已超过一小时。请用 POST /v1/direct-uploads 重新创建，并再次发送文件。`,
  },
  'direct-upload-without-file': {
    en: ({ id }: { id: string }) =>
      `The file of ${id} is not in OSS yet. Send it by POST to the \`url\` of the direct upload, with all its \`fields\`, and repeat this request.`,
    zh: ({ id }) =>
      `OSS 中还没有 ${id} 的文件。请以 POST 将文件发送到该直传的 url，并带上全部 fields，然后重复此请求。`,
  },
  'upload-option': {
    en: ({ name }: { name: string }) =>
      `The metadata of an upload that becomes a batch takes profile, columns and webhookUrl, and not "${name}". Options of an item belong in its row.`,
    zh: ({ name }) =>
      `要成为批次的上传，元数据只能有 profile、columns 与 webhookUrl，不能有“${name}”。条目的选项请写在各行中。`,
  },
});
