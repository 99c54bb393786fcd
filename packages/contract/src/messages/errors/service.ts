import { catalog } from '../catalog.js';

/** Titles and fixes of the codes about image URLs, the storage and the service itself. */
export const serviceErrors = catalog({
  'queue_unavailable.title': { en: 'The queue cannot be reached', zh: '队列暂时不可用' },
  'queue_unavailable.fix': {
    en: 'The request was not accepted. Send it again after Retry-After; the operator should check Redis.',
    zh: '请求没有被接受。请在 Retry-After 之后重发；运维请检查 Redis。',
  },
  'staging_full.title': { en: 'There is no space for new files', zh: '没有空间接收新文件' },
  'staging_full.fix': {
    en: 'The request was not accepted. Send it again after Retry-After. If this continues, tell the operator: /readyz says what is full. If /readyz is 200, this request alone needs more space than is free.',
    zh: '请求没有被接受。请在 Retry-After 之后重发；若持续出现，请告知运维：/readyz 会说明是什么满了；若 /readyz 为 200，则是这个请求所需的空间超过剩余空间。',
  },
  'overloaded.title': {
    en: 'The server is overloaded or has a temporary fault',
    zh: '服务器暂时过载或发生故障',
  },
  'overloaded.fix': {
    en: 'Send it again after Retry-After. If this continues, tell the operator the request id.',
    zh: '请在 Retry-After 之后重发；反复出现的话，请把请求 id 告诉运维。',
  },
  'source_forbidden.title': { en: 'This source address may not be fetched', zh: '这个地址不允许抓取' },
  'source_forbidden.fix': {
    en: 'Use a public http or https address. The operator can allow private hosts with SOURCE_ALLOW and other ports with SOURCE_PORTS; retry afterwards.',
    zh: '请使用公网的 http 或 https 地址。内网地址请让运维加入 SOURCE_ALLOW，其他端口请让运维加入 SOURCE_PORTS，然后重试。',
  },
  'source_unreachable.title': { en: 'The source could not be reached', zh: '图片链接连不上' },
  'source_unreachable.fix': { en: 'Check the address, then retry.', zh: '请核对链接后重试。' },
  'source_timeout.title': { en: 'The source responded too slowly', zh: '图片链接响应太慢' },
  'source_timeout.fix': { en: 'Retry later.', zh: '请稍后重试。' },
  'source_not_found.title': { en: 'There is no image at the source address', zh: '图片链接打不开' },
  'source_not_found.fix': {
    en: 'Put the image at this address, then retry; or submit the correct address.',
    zh: '请在浏览器中核对：让链接能打开图片后重试，或提交正确的链接。',
  },
  'source_denied.title': { en: 'The source denies access to the image', zh: '图片链接拒绝访问' },
  'source_denied.fix': {
    en: 'Let Pixdock read this address (login, hotlink protection, expired signature), then retry.',
    zh: '请检查这个链接是否要登录、有防盗链或签名已过期，改好后重试。',
  },
  'source_too_large.title': { en: 'The source is too large', zh: '图片文件太大' },
  'source_too_large.fix': {
    en: 'Put a smaller file at the address, or raise MAX_UPLOAD_BYTES on the server, then retry.',
    zh: '请压缩链接上的图片，或请运维调高 MAX_UPLOAD_BYTES，然后重试。',
  },
  'storage_denied.title': { en: 'The storage denied access for too long', zh: 'OSS 一直拒绝访问' },
  'storage_denied.fix': {
    en: 'Retry after the operator has corrected the OSS settings (`pixdock-ops doctor` finds the fault).',
    zh: '请运维修好 OSS 配置（pixdock-ops doctor 会指出问题），然后重试。',
  },
  'storage_unavailable.title': { en: 'The storage was unavailable for too long', zh: 'OSS 长时间不可用' },
  'storage_unavailable.fix': {
    en: 'Retry when the storage is available again.',
    zh: '请在 OSS 恢复后重试。',
  },
  'review_unavailable.title': { en: 'The reviewer was unavailable for too long', zh: '审核服务长时间不可用' },
  'review_unavailable.fix': {
    en: 'Retry after the operator has repaired the reviewer at REVIEW_HTTP_URL.',
    zh: '请运维修好 REVIEW_HTTP_URL 的审核服务，然后重试。',
  },
  'storage-delay.storage_denied': {
    en: 'The image waits in staging and continues by itself once the operator has corrected the OSS settings (`pixdock-ops doctor` finds the fault).',
    zh: 'OSS 配置有误，图片在暂存区等待；运维修好后自动继续，无需操作（pixdock-ops doctor 会指出问题）。',
  },
  'storage-delay.storage_unavailable': {
    en: 'The image waits in staging and continues by itself once the storage is available again.',
    zh: 'OSS 暂时不可用，图片在暂存区等待；恢复后自动继续，无需操作。',
  },
  'worker-disk-full': {
    en: "The server's disk is full. The image waits in staging and continues by itself once there is space; the operator frees space.",
    zh: '服务器磁盘已满，与这张图片无关。图片在暂存区等待；运维腾出空间后自动继续，无需操作。',
  },
  'worker-fault': {
    en: 'The server has a fault, which its worker logs. The image waits in staging and continues by itself once the operator has corrected it.',
    zh: '服务器发生故障，与这张图片无关。图片在暂存区等待；运维排除故障后自动继续，无需操作（worker 日志会说明原因）。',
  },
  'worker-fault-too-long': {
    en: 'The server had a full disk or another fault for too long, which its worker logs. Retry after the operator has corrected it.',
    zh: '服务器磁盘已满或其他故障持续太久，与这张图片无关。请运维按 worker 日志排除后重试。',
  },
  'storage_conflict.title': {
    en: 'Another object is stored under the key of this image',
    zh: 'OSS 上已有同名但内容不同的文件',
  },
  'storage_conflict.fix': {
    en: 'Retry. If this continues, another service writes to the same prefix.',
    zh: '请重试；反复出现的话，说明有其他程序在写同一个前缀。',
  },
});
