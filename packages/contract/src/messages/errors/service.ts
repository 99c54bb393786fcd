import { catalog } from '../catalog.js';

/** Titles and fixes of the codes about image URLs, the storage and the service itself. */
export const serviceErrors = catalog({
  'queue_unavailable.title': { en: 'The queue cannot be reached', zh: '队列暂时不可用' },
  'queue_unavailable.fix': {
    en: 'The request was not accepted. Send it again after Retry-After; the operator should check Redis.',
    zh: '请求未被接受。请在 Retry-After 之后重发；运维人员请检查 Redis。',
  },
  'staging_full.title': { en: 'Staging is full', zh: '暂存区已满' },
  'staging_full.fix': {
    en: 'The request was not accepted. Send it again after Retry-After. Staging empties as images are published.',
    zh: '请求未被接受。请在 Retry-After 之后重发；图片发布后空间会自动释放。',
  },
  'overloaded.title': {
    en: 'The server is overloaded or has a temporary fault',
    zh: '服务器暂时过载或发生故障',
  },
  'overloaded.fix': {
    en: 'Send it again after Retry-After. If this continues, tell the operator the request id.',
    zh: '请在 Retry-After 之后重发；若持续出现，请将请求 id 告知运维人员。',
  },
  'source_forbidden.title': { en: 'This source address may not be fetched', zh: '不允许抓取该地址' },
  'source_forbidden.fix': {
    en: 'Use a public http or https address. The operator can allow private hosts with SOURCE_ALLOW and other ports with SOURCE_PORTS; retry afterwards.',
    zh: '请使用公网的 http 或 https 地址。内网地址须由运维在 SOURCE_ALLOW 中列出，其他端口须在 SOURCE_PORTS 中列出；之后可重试。',
  },
  'source_unreachable.title': { en: 'The source could not be reached', zh: '无法访问图片来源' },
  'source_unreachable.fix': { en: 'Check the address, then retry.', zh: '请检查地址后重试。' },
  'source_timeout.title': { en: 'The source responded too slowly', zh: '图片来源响应超时' },
  'source_timeout.fix': { en: 'Retry later.', zh: '请稍后重试。' },
  'source_not_found.title': { en: 'There is no image at the source address', zh: '来源地址没有内容' },
  'source_not_found.fix': {
    en: 'Put the image at this address, then retry; or submit the correct address.',
    zh: '请让该地址能打开图片后重试，或提交正确的地址。',
  },
  'source_denied.title': { en: 'The source denies access to the image', zh: '图片来源拒绝访问' },
  'source_denied.fix': {
    en: 'Let Pixdock read this address (login, hotlink protection, expired signature), then retry.',
    zh: '请允许 Pixdock 读取该地址（登录、防盗链、签名过期），然后重试。',
  },
  'source_too_large.title': { en: 'The source is too large', zh: '来源文件过大' },
  'source_too_large.fix': {
    en: 'Put a smaller file at the address, or raise MAX_UPLOAD_BYTES on the server, then retry.',
    zh: '请在该地址换成更小的文件，或在服务器上调高 MAX_UPLOAD_BYTES，然后重试。',
  },
  'storage_denied.title': { en: 'The storage denied access for too long', zh: '存储持续拒绝访问' },
  'storage_denied.fix': {
    en: 'Retry after the operator has corrected the OSS settings (`pixdock-ops doctor` finds the fault).',
    zh: '请待运维人员修复 OSS 配置后重试（pixdock-ops doctor 会指出问题）。',
  },
  'storage_unavailable.title': { en: 'The storage was unavailable for too long', zh: '存储长时间不可用' },
  'storage_unavailable.fix': { en: 'Retry when the storage is available again.', zh: '请在存储恢复后重试。' },
  'storage_conflict.title': {
    en: 'Another object is stored under the key of this image',
    zh: '该图片的对象键已被其他内容占用',
  },
  'storage_conflict.fix': {
    en: 'Retry. If this continues, another service writes to the same prefix.',
    zh: '请重试；若持续出现，说明有其他服务写入了同一前缀。',
  },
});
