import type { Status } from '../status.js';
import { catalog, sayIn } from './catalog.js';
import { statusWords } from './status-words.js';
import { list, size } from './values.js';

const sayStatus = sayIn(statusWords);

/** Problems of a request as a whole. */
export const requestMessages = catalog({
  'not-http': {
    en: 'This is not a well-formed HTTP/1.1 request. Check its request line, Host, Content-Length and chunks.',
    zh: '这不是格式正确的 HTTP/1.1 请求。请检查请求行、Host、Content-Length 与分块。',
  },
  'repeated-header': {
    en: ({ headers }: { headers: readonly string[] }) =>
      `A request header is given twice that may be given only once: ${list.en(headers)}.`,
    zh: ({ headers }) => `请求头重复了：${list.zh(headers)} 每个只能出现一次。`,
  },
  'headers-too-large': {
    en: ({ max }: { max: number }) => `The request headers are larger than ${size.en(max)} in total.`,
    zh: ({ max }) => `请求头总大小超过 ${size.zh(max)}。`,
  },
  'compressed-body': {
    en: 'The body has a Content-Encoding. Send it uncompressed; to send many images in one file, use application/zip.',
    zh: '请求体使用了 Content-Encoding。请直接发送未压缩的内容；多张图片可打包为 application/zip 发送。',
  },
  'body-interrupted': {
    en: 'The body ended before it was complete. Send it again.',
    zh: '请求体在传输完成前中断。请重新发送。',
  },
  'content-md5-malformed': {
    en: 'Content-MD5 is not the MD5 of the body in Base64 (24 characters).',
    zh: 'Content-MD5 不是请求体 MD5 的 Base64 编码（24 个字符）。',
  },
  'content-digest-malformed': {
    en: 'Content-Digest has no digest of the form sha-256=:BASE64: or sha-512=:BASE64:.',
    zh: 'Content-Digest 中没有 sha-256=:BASE64: 或 sha-512=:BASE64: 形式的摘要。',
  },
  'body-digest-mismatch': {
    en: ({ header, sent, received }: { header: string; sent: string; received: string }) =>
      `The body does not match its ${header}: the digest of the received bytes is ${received}, not ${sent}. Send it again: the transfer may have damaged it.`,
    zh: ({ header, sent, received }) =>
      `请求体与 ${header} 不一致：收到的内容的摘要是 ${received}，而不是 ${sent}。请重新发送，内容可能在传输中损坏了。`,
  },
  'sha256-mismatch': {
    en: ({ sent, received }: { sent: string; received: string }) =>
      `The SHA-256 of the received bytes is ${received}, not ${sent}. Compute it again and resend: another file was sent, or the transfer damaged it.`,
    zh: ({ sent, received }) =>
      `收到的内容的 SHA-256 是 ${received}，而不是 ${sent}。请重新计算后重发：发送的是另一个文件，或文件在传输中损坏了。`,
  },
  'body-unexpected': {
    en: 'This call takes no body. Leave it out.',
    zh: '此接口不接受请求体。请去掉请求体。',
  },
  'body-not-json': {
    en: 'The body is not JSON in UTF-8.',
    zh: '请求体不是 UTF-8 编码的 JSON。',
  },
  'json-malformed': {
    en: ({ found, at }: { found: string; at?: number | undefined }) =>
      `The body is not JSON: ${at === undefined ? `\`${found}\`` : `\`${found}\` (character ${at})`} is unexpected. JSON has names and strings in double quotes and no comma before } or ].`,
    zh: ({ found, at }) =>
      `请求体不是 JSON：${at === undefined ? '' : `第 ${at} 个字符`}“${found}”有误。JSON 的名称和字符串用英文双引号，} 和 ] 前没有逗号。`,
  },
  'json-incomplete': {
    en: 'The body is JSON that ends too early. Send all of it.',
    zh: '请求体中的 JSON 不完整。请完整发送。',
  },
  'several-urls': {
    en: 'POST /v1/images takes one URL: {"url": "https://…"}. Send several to POST /v1/batches: {"items": [{"url": "https://…"}]}.',
    zh: 'POST /v1/images 只接受一个链接：{"url": "https://…"}。多个链接请发送到 POST /v1/batches：{"items": [{"url": "https://…"}]}。',
  },
  'base64-image': {
    en: ({ field }: { field: string }) =>
      `Field \`${field}\` contains the image in Base64, which is not decoded. Send the bytes: as the body (curl: --data-binary @photo.jpg), or as the \`file\` of a form.`,
    zh: ({ field }) =>
      `字段 ${field} 是 Base64 编码的图片，服务器不解码 Base64。请直接发送图片内容：作为请求体（curl：--data-binary @photo.jpg），或作为表单的 file。`,
  },
  'image-json-too-large': {
    en: ({ max }: { max: number }) =>
      `The JSON body is larger than ${size.en(max)}. An image in Base64 is not decoded: send its bytes, as the body or as the \`file\` of a form.`,
    zh: ({ max }) =>
      `JSON 请求体超过 ${size.zh(max)}。服务器不解码 Base64 编码的图片，请直接发送图片内容：作为请求体，或作为表单的 file。`,
  },
  'json-too-large': {
    en: ({ max }: { max: number }) => `The JSON body is larger than ${size.en(max)}, the limit of this call.`,
    zh: ({ max }) => `JSON 请求体超过此接口的上限 ${size.zh(max)}。`,
  },
  'metadata-sealed': {
    en: 'The image exists, but the server lacks the key to what the object says about it. The operator must restore METADATA_KEY.',
    zh: '图片存在，但服务器缺少读取其信息所需的密钥。请运维恢复 METADATA_KEY。',
  },
  'unknown-parameter': {
    en: ({ name, ...call }: { name: string } & QueryNames) =>
      `Unknown query parameter "${name}". ${parameters.en(call)}`,
    zh: ({ name, ...call }) => `未知查询参数“${name}”。${parameters.zh(call)}`,
  },
  'metadata-not-indexed': {
    en: ({ key, indexed }: { key: string; indexed: readonly string[] }) =>
      `Images cannot be listed by \`metadata.${key}\`: METADATA_INDEX of the server ${indexed.length === 0 ? 'is not set' : `has only ${list.en(indexed)}`}. Ask the operator to add the key; images that are submitted afterwards are found.`,
    zh: ({ key, indexed }) =>
      `无法按 metadata.${key} 列出图片：服务器的 METADATA_INDEX ${indexed.length === 0 ? '未设置' : `只有 ${list.zh(indexed)}`}。请让运维加上这个键，之后提交的图片即可查到。`,
  },
  'unknown-cursor': {
    en: 'The cursor is not the `next` of a page.',
    zh: 'cursor 不是某一页返回的 next。',
  },
  'status-and-code': {
    en: 'Give `status` or `code`, not both.',
    zh: 'status 与 code 只能填一个。',
  },
  'idempotency-key-malformed': {
    en: 'Idempotency-Key is not 1 to 255 printable ASCII characters.',
    zh: 'Idempotency-Key 不是 1 到 255 个可打印 ASCII 字符。',
  },
  'upload-type': {
    en: 'Send multipart/form-data with a `file`, JSON with a `url`, or the bytes of an image (curl: --data-binary @photo.jpg).',
    zh: '请发送带 file 的 multipart/form-data、带 url 的 JSON，或直接发送图片内容（curl：--data-binary @photo.jpg）。',
  },
  'bytes-removed': {
    en: '`curl -d` removes line ends and zero bytes, which every image has. Use --data-binary @photo.jpg.',
    zh: 'curl -d 会去掉换行和零字节，而每张图片都含有零字节。请使用 --data-binary @photo.jpg。',
  },
  'options-beside-form': {
    en: 'Send the options of a form as its fields. Query parameters are only for a raw body.',
    zh: '表单的选项请作为表单字段发送。查询参数仅用于直接发送内容的请求。',
  },
  'options-beside-json': {
    en: 'Send the options beside `url` in the JSON body. Query parameters are only for a raw body.',
    zh: '选项请与 url 一起写在 JSON 请求体中。查询参数仅用于直接发送内容的请求。',
  },
  'url-in-form': {
    en: 'Send `url` as JSON: Content-Type: application/json and {"url": "https://…"}.',
    zh: '请以 JSON 形式发送 url：Content-Type: application/json，内容为 {"url": "https://…"}。',
  },
  'url-beside-file': {
    en: 'The form has a file and a `url`. Send one of the two: the file in a form, or {"url": "https://…"} as JSON.',
    zh: '表单中既有文件又有 url。两者只能发送一个：文件用表单发送，url 用 JSON {"url": "https://…"} 发送。',
  },
  'health-addresses': {
    en: ({ path }: { path: string }) =>
      `The API has no ${path}. /livez says whether the process runs, /readyz whether it accepts requests.`,
    zh: ({ path }) => `API 没有 ${path}。/livez 表示进程是否运行，/readyz 表示能否接受请求。`,
  },
  'id-malformed': {
    en: ({ id, kind }: { id: string; kind: string }) =>
      `"${id}" is not an id of this kind, which is ${kind}_ and 32 hexadecimal digits.`,
    zh: ({ id, kind }) => `“${id}”不是这类资源的 id；这类 id 由 ${kind}_ 和 32 位十六进制数组成。`,
  },
  'no-such-code': {
    en: ({ code, meant }: { code: string; meant?: string | undefined }) =>
      `There is no error code "${code}". ${meant === undefined ? 'GET /v1/errors lists all codes.' : `Write ${meant}.`}`,
    zh: ({ code, meant }) =>
      `没有错误码“${code}”。${meant === undefined ? '所有错误码见 GET /v1/errors。' : `请写成 ${meant}。`}`,
  },
  'no-such-address': {
    en: ({ method, path, meant }: { method: string; path: string; meant?: string | undefined }) =>
      `The API has no ${method} ${path}. ${
        meant === undefined
          ? 'Its calls are listed at /docs; their paths have no slash at the end.'
          : `${path.includes('//') ? 'The path has two slashes in a row. ' : ''}Write ${meant}.`
      }`,
    zh: ({ method, path, meant }) =>
      `API 没有 ${method} ${path}。${
        meant === undefined
          ? '所有接口见 /docs，路径末尾没有斜杠。'
          : `${path.includes('//') ? '路径中有两个连续的斜杠。' : ''}请写成 ${meant}。`
      }`,
  },
  'misplaced-id': {
    en: ({ id, meant }: { id: string; meant: string }) =>
      `"${id}" is not an id of this kind. Its address is ${meant}.`,
    zh: ({ id, meant }) => `“${id}”不是这类资源的 id。它的地址是 ${meant}。`,
  },
  'prefer-wait': {
    en: ({ preference }: { preference: string }) =>
      `The header Prefer: ${preference} does not consist of wait= and a whole number of seconds. Write Prefer: wait=30.`,
    zh: ({ preference }) => `Prefer 的值“${preference}”不是 wait= 加整数秒数。请写成 Prefer: wait=30。`,
  },
  'allowed-methods': {
    en: ({ methods, meant }: { methods: readonly string[]; meant?: string | undefined }) =>
      `This address accepts only ${list.en(methods)}.${meant === undefined ? '' : ` Write ${meant}.`}`,
    zh: ({ methods, meant }) =>
      `此地址只接受 ${list.zh(methods)}。${meant === undefined ? '' : `请写成 ${meant}。`}`,
  },
  'server-stopping': {
    en: 'The server is stopping. Use another one.',
    zh: '服务器正在停止。请使用其他实例。',
  },
  'image-not-failed': {
    en: ({ status }: { status: Status }) =>
      `The image is ${status === 'processing' ? 'being processed' : status} and has not failed.`,
    zh: ({ status }) =>
      `图片${sayStatus('zh', `status.${status}`)}，${status === 'canceled' ? '不能' : '无需'}重试。`,
  },
  'image-is-deleted': {
    en: 'The image is deleted, or its deletion has begun. Submit it again if it is still wanted.',
    zh: '该图片已被删除或正在删除。如仍需要，请重新提交。',
  },
  'batch-is-over': {
    en: 'The batch was canceled or deleted. Submit the images that are still wanted as a new batch.',
    zh: '该批次已被取消或删除。如仍需要，请作为新批次提交。',
  },
  'nothing-failed': {
    en: 'This batch has no failures, so there is nothing to retry.',
    zh: '该批次没有失败，无需重试。',
  },
  'nothing-to-retry': {
    en: 'Nothing in this batch has failed, or nothing with this code. Fix the invalid rows and submit them again.',
    zh: '该批次中没有失败的图片，或没有以此错误码失败的图片。有误的行请修正后重新提交。',
  },
});

/** What a call takes; the one that was meant, if it is known. */
type QueryNames = {
  known: readonly string[];
  meant?: string | undefined;
};

const parameters = {
  en({ known, meant }: QueryNames): string {
    if (meant !== undefined)
      return `Write \`${meant}\`${meant === 'cursor' ? ', whose value is the `next` of a page' : ''}.`;
    return known.length === 0 ? 'This call takes none.' : `This call takes ${list.en(known)}.`;
  },
  zh({ known, meant }: QueryNames): string {
    if (meant !== undefined)
      return `请写成 ${meant}${meant === 'cursor' ? '，其值为上一页返回的 next' : ''}。`;
    return known.length === 0 ? '此接口没有查询参数。' : `此接口的查询参数：${list.zh(known)}。`;
  },
};
