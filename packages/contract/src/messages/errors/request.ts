import { catalog } from '../catalog.js';

/** Titles and fixes of the codes with which the API refuses a request. */
export const requestErrors = catalog({
  'invalid_request.title': { en: 'The request is malformed', zh: '请求格式有误' },
  'invalid_request.fix': {
    en: 'Correct what `detail` names and send the request again.',
    zh: '请按 detail 的说明修正后重新发送。',
  },
  'empty_file.title': { en: 'The file is empty', zh: '文件为空' },
  'empty_file.fix': {
    en: 'Send a file that has content, or put one at the source address.',
    zh: '这是 0 字节空文件，请重选。',
  },
  'body-empty': {
    en: 'The body is empty. Send the file as a form, `curl -F file=@photo.jpg`, or as the body, `--data-binary @photo.jpg`.',
    zh: '请求体为空，没有收到文件。请用表单（curl -F file=@photo.jpg）或请求体（--data-binary @photo.jpg）发送文件。',
  },
  'unknown_profile.title': { en: 'No such profile', zh: '没有这个处理方案（profile）' },
  'unknown_profile.fix': {
    en: 'Use a profile of this server: default, compact, avatar or one of its PROFILES_FILE.',
    zh: '请使用服务器上有的处理方案：default、compact、avatar，或 PROFILES_FILE 中定义的名称。',
  },
  'unauthorized.title': { en: 'A valid API key is required', zh: '需要有效的 API 密钥' },
  'unauthorized.fix': {
    en: 'Send the header Authorization: Bearer KEY. `npm start` prints a key; the operator makes others with `pixdock-ops keys create`, or sets API_KEYS.',
    zh: '请在请求头中发送 Authorization: Bearer KEY。npm start 会打印一个密钥；其他密钥由运维用 pixdock-ops keys create 创建，或在 API_KEYS 中设置。',
  },
  'forbidden.title': { en: 'This key or token may not do this', zh: '该密钥或令牌无权执行此操作' },
  'forbidden.fix': {
    en: 'Use a key that may do it. `detail` names what is missing; the operator makes a key with `pixdock-ops keys create --owner NAME`, or a separate one for people and monitoring with `--scopes admin`.',
    zh: '请使用有此权限的密钥。detail 会说明缺少什么；密钥由运维用 pixdock-ops keys create --owner 名称 创建；运维人员和监控用的密钥请加 --scopes admin 单独创建。',
  },
  'not_found.title': { en: 'Not found', zh: '未找到' },
  'not_found.fix': {
    en: 'Check the address and the id. An image of another owner is reported as not found, too.',
    zh: '请检查地址和 id；其他租户的图片同样显示为未找到。',
  },
  'method_not_allowed.title': { en: 'This method is not allowed here', zh: '此地址不支持该方法' },
  'method_not_allowed.fix': {
    en: 'Use one of the methods in the Allow header.',
    zh: '请使用 Allow 响应头中列出的方法。',
  },
  'request_timeout.title': { en: 'The request took too long to arrive', zh: '请求传输超时' },
  'request_timeout.fix': {
    en: 'Send it again over a faster or more stable connection.',
    zh: '请在更快或更稳定的网络下重新发送。',
  },
  'idempotency_in_progress.title': {
    en: 'A request with this Idempotency-Key is still running',
    zh: '使用同一 Idempotency-Key 的请求仍在处理中',
  },
  'idempotency_in_progress.fix': {
    en: 'Wait as Retry-After says, then send it again to get its response.',
    zh: '请按 Retry-After 等待后重发，就能得到那个请求的结果。',
  },
  'offset_conflict.title': {
    en: 'The bytes do not follow those that the server has',
    zh: '数据与服务器已收到的部分不衔接',
  },
  'offset_conflict.fix': {
    en: 'Read Upload-Offset with HEAD, and send the bytes that follow.',
    zh: '请用 HEAD 读取 Upload-Offset，并从该位置继续发送。',
  },
  'not_retryable.title': { en: 'Only a failed image can be retried', zh: '只有失败的图片可以重试' },
  'not_retryable.fix': {
    en: 'Check the status of the image. An image that is queued or being processed needs no retry.',
    zh: '请查看图片状态；排队或处理中的图片无需重试。',
  },
  'already_deleted.title': { en: 'The image is already deleted', zh: '图片已删除' },
  'already_deleted.fix': {
    en: 'Its deletion has begun and cannot be stopped. Submit the image again.',
    zh: '删除已经开始，无法撤回。请重新提交图片。',
  },
  'not_held.title': { en: 'The image is not waiting for a decision', zh: '图片不在等待人工审核' },
  'not_held.fix': {
    en: 'Only an image in the stage `reviewing` can be approved or rejected. Read the image: its `status` and `review` say what became of it.',
    zh: '只有处于 reviewing 阶段的图片可以审核。请重新读取图片：status 和 review 字段说明了它的结果。',
  },
  'not_signable.title': { en: 'The image has no signed URLs', zh: '该图片没有签名链接' },
  'not_signable.fix': {
    en: 'The image is public: use its `url`. Only images of a profile with `visibility: private` are signed, once they are published.',
    zh: '该图片是公开的，请直接使用 url。只有 visibility 为 private 的处理方案的图片在发布后才能签名。',
  },
  'source_lost.title': { en: 'The source of this image no longer exists', zh: '原图已不存在' },
  'source_lost.fix': { en: 'Upload the image again.', zh: '请重新上传图片。' },
  'protocol_unsupported.title': {
    en: 'This version of tus is not supported',
    zh: '不支持这个 tus 版本',
  },
  'protocol_unsupported.fix': {
    en: 'Use a client for tus 1.0, which sends Tus-Resumable: 1.0.0.',
    zh: '请使用支持 tus 1.0 的客户端，它会发送 Tus-Resumable: 1.0.0。',
  },
  'payload_too_large.title': { en: 'The file is too large', zh: '文件过大' },
  'payload_too_large.fix': {
    en: 'Send a smaller file, or raise MAX_UPLOAD_BYTES on the server, and with an upload token its maxBytes.',
    zh: '请压缩后重传，或请运维调高 MAX_UPLOAD_BYTES；使用上传令牌时，还要调高令牌的 maxBytes。',
  },
  'too_many_items.title': { en: 'Too many items in one batch', zh: '批次的条目太多' },
  'too_many_items.fix': { en: 'Split the batch into smaller ones.', zh: '请拆成几个小批次。' },
  'unsupported_media_type.title': { en: 'This type of file is not accepted', zh: '不支持该文件类型' },
  'unsupported_media_type.fix': {
    en: 'Send a JPEG, PNG, WebP, GIF or still AVIF image (subject to ACCEPT_FORMATS of the server).',
    zh: '请发送 JPEG、PNG、WebP、GIF 或静态 AVIF 图片（以服务器的 ACCEPT_FORMATS 为准）。',
  },
  'heic_unsupported.title': {
    en: 'HEIC (HEVC) images cannot be decoded here',
    zh: '无法解码 HEIC（HEVC）图片',
  },
  'heic_unsupported.fix': {
    en: 'Convert it to JPEG first. On an iPhone, choose Settings, Camera, Formats, Most Compatible. Or let the operator run `apt-get install libheif-examples` and set HEIC_DECODER=/usr/bin/heif-dec.',
    zh: '请先转换为 JPEG；iPhone 可在“设置 - 相机 - 格式”中选择“兼容性最佳”。也可请运维执行 `apt-get install libheif-examples`，并设置 HEIC_DECODER=/usr/bin/heif-dec。',
  },
  'digest_mismatch.title': {
    en: 'The bytes do not match the given digest',
    zh: '文件内容与给出的摘要不一致',
  },
  'digest_mismatch.fix': {
    en: 'Compute the SHA-256 of the file again (64 hexadecimal digits) and resend. The transfer may have damaged the file.',
    zh: '请重新计算文件的 SHA-256（64 位十六进制）后重发；文件也可能在传输中损坏了。',
  },
  'idempotency_conflict.title': {
    en: 'This Idempotency-Key was used for another request',
    zh: '该 Idempotency-Key 已用于另一个请求',
  },
  'idempotency_conflict.fix': {
    en: 'Use a new key for each different request.',
    zh: '不同的请求请使用不同的 Idempotency-Key。',
  },
  'upload_in_use.title': {
    en: 'Another request of this upload has not ended',
    zh: '另一个请求正在传这个文件',
  },
  'upload_in_use.fix': {
    en: 'Send an upload over one connection at a time. After an interruption, try again in some seconds.',
    zh: '同一个文件一次只能用一个连接上传。如果刚刚中断过，请几秒后重试。',
  },
  'checksum_mismatch.title': {
    en: 'The bytes do not match Upload-Checksum',
    zh: '数据与 Upload-Checksum 不一致',
  },
  'checksum_mismatch.fix': {
    en: 'Send these bytes again: the transfer may have damaged them. None of them was kept.',
    zh: '请重新发送这部分数据，它可能在传输中损坏了；服务器没有保留其中任何内容。',
  },
  'rate_limited.title': { en: 'Too many requests', zh: '请求过于频繁' },
  'rate_limited.fix': { en: 'Wait as Retry-After says.', zh: '请按 Retry-After 等待后重试。' },
});
