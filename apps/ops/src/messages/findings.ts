import { catalog, textIn } from '@pixdock/contract/messages/catalog';

/** What the doctor finds beside the faults that OSS reports, by code; each has a `.fix`. */
const findings = catalog({
  ClockSkewed: {
    en: "this machine's clock differs too much from that of OSS",
    zh: '本机时钟与 OSS 相差过大',
  },
  'ClockSkewed.fix': {
    en: 'Enable time synchronisation (NTP, chrony). Until then Pixdock corrects the difference, which costs one rejected request.',
    zh: '请开启时间同步（NTP、chrony）。在此之前 Pixdock 会自行校正，但会多一次被拒绝的请求。',
  },
  EtagMismatch: {
    en: 'according to its ETag, OSS stored other bytes than were sent',
    zh: '从 ETag 看，OSS 存储的内容与发送的不同',
  },
  'EtagMismatch.fix': {
    en: 'Look for a proxy that changes request bodies on the way to ALIYUN_OSS_ENDPOINT.',
    zh: '请检查到 ALIYUN_OSS_ENDPOINT 之间是否有代理改写了请求体。',
  },
  VersionedBucket: {
    en: 'the bucket has versioning',
    zh: 'Bucket 开启过版本控制',
  },
  'VersionedBucket.fix': {
    en: 'Create a bucket without versioning and use that one. With versioning, even if it is suspended, OSS may overwrite objects that must not change, and deleted objects remain and are billed.',
    zh: '请新建一个从未开启版本控制的 Bucket 并改用它：版本控制开启或暂停时，OSS 可能覆盖不应更改的对象，已删除的对象也会保留并计费。',
  },
  OverwriteAllowed: {
    en: 'a second put replaced the object despite x-oss-forbid-overwrite',
    zh: '虽然发送了 x-oss-forbid-overwrite，第二次写入仍覆盖了对象',
  },
  'OverwriteAllowed.fix': {
    en: 'Use a bucket that never had versioning. If this one never had it, a proxy drops the header: connect to OSS directly.',
    zh: '请改用从未开启版本控制的 Bucket；如果该 Bucket 从未开启，说明中间的代理丢掉了这个请求头：请直接访问 OSS。',
  },
  NotFoundAfterPut: { en: 'the object does not exist right after the put', zh: '刚写入的对象不存在' },
  'NotFoundAfterPut.fix': {
    en: 'Look for a lifecycle rule or a function that deletes it, and check that ALIYUN_OSS_ENDPOINT points to OSS itself and not to a cache.',
    zh: '请检查是否有生命周期规则或函数删除了它，并确认 ALIYUN_OSS_ENDPOINT 指向 OSS 本身而非缓存。',
  },
  StoredDifferently: { en: 'the stored object differs from what was sent', zh: '存储的对象与发送的不同' },
  'StoredDifferently.fix': {
    en: 'Look for a proxy that changes headers or bodies on the way to ALIYUN_OSS_ENDPOINT.',
    zh: '请检查到 ALIYUN_OSS_ENDPOINT 之间是否有代理改写了请求头或请求体。',
  },
  NoStagingBucket: {
    en: 'the bucket of STAGING_URL does not exist at ALIYUN_OSS_ENDPOINT',
    zh: 'ALIYUN_OSS_ENDPOINT 上不存在 STAGING_URL 中的 Bucket',
  },
  'NoStagingBucket.fix': {
    en: 'Create it in the OSS console, in the region of ALIYUN_OSS_REGION, with the ACL private and without versioning, or correct STAGING_URL.',
    zh: '请在 OSS 控制台新建该 Bucket：地域与 ALIYUN_OSS_REGION 相同，读写权限为“私有”，不开启版本控制；或更正 STAGING_URL。',
  },
  StagingNotPrivate: {
    en: 'the ACL of the bucket of STAGING_URL is not private',
    zh: 'STAGING_URL 中 Bucket 的读写权限不是“私有”',
  },
  'StagingNotPrivate.fix': {
    en: 'Set its ACL to private in the OSS console. Block Public Access is not enough: without it, everyone could read the originals.',
    zh: '请在 OSS 控制台将其读写权限设为“私有”。只开启“阻止公共访问”还不够：一旦关闭，所有人都能读取原图。',
  },
  StagingReadable: {
    en: 'the bucket of STAGING_URL does not refuse a read without a signature',
    zh: 'STAGING_URL 中的 Bucket 没有拒绝不带签名的读取',
  },
  'StagingReadable.fix': {
    en: 'Remove the bucket policies that let everyone read it, and turn on Block Public Access.',
    zh: '请移除允许所有人读取的 Bucket Policy，并开启“阻止公共访问”。',
  },
  ListingStale: {
    en: 'a listing does not show an object right after its put',
    zh: '对象写入后，没有立即出现在列举结果中',
  },
  'ListingStale.fix': {
    en: 'Check that ALIYUN_OSS_ENDPOINT points to OSS itself and not to a cache. If it does, do not stage in this bucket: remove STAGING_URL.',
    zh: '请确认 ALIYUN_OSS_ENDPOINT 指向 OSS 本身而非缓存；如果已是如此，请勿将该 Bucket 用作暂存区：删除 STAGING_URL。',
  },
  RaceUndecided: {
    en: 'OSS must store exactly one of several puts with x-oss-forbid-overwrite to the same key',
    zh: '多个带 x-oss-forbid-overwrite 的写入同时使用同一对象名时，OSS 应当只接受一个',
  },
  'RaceUndecided.fix': {
    en: 'Look for a proxy that answers or changes requests on the way to ALIYUN_OSS_ENDPOINT, and for versioning of the bucket. If there is neither, do not stage in this bucket: remove STAGING_URL.',
    zh: '请检查到 ALIYUN_OSS_ENDPOINT 之间是否有代理代为响应或改写了请求，以及 Bucket 是否开启过版本控制；若都没有，请勿将该 Bucket 用作暂存区：删除 STAGING_URL。',
  },
  MetadataKeyMissing: {
    en: 'images were sealed with keys that METADATA_KEY lacks, or has with another value',
    zh: '有图片的元数据，其加密密钥不在 METADATA_KEY 中，或同一 id 的密钥内容不同',
  },
  'MetadataKeyMissing.fix': {
    en: 'Add these keys to METADATA_KEY from your copy or a backup, after the first one. Without them nobody can read who owns these images once their records have expired.',
    zh: '请从留存的副本或备份中取出这些密钥，加到 METADATA_KEY 的第一项之后。缺少它们，记录到期后便无法得知这些图片属于谁。',
  },
  DnsFailure: {
    en: 'the host name in ALIYUN_OSS_FILE_DOMAIN cannot be resolved',
    zh: '无法解析 ALIYUN_OSS_FILE_DOMAIN 中的域名',
  },
  'DnsFailure.fix': {
    en: "Add the domain's CNAME record (to the bucket's domain or the CDN), or correct ALIYUN_OSS_FILE_DOMAIN.",
    zh: '请为该域名添加 CNAME 记录（指向 Bucket 域名或 CDN），或更正 ALIYUN_OSS_FILE_DOMAIN。',
  },
  Certificate: {
    en: 'the TLS certificate of ALIYUN_OSS_FILE_DOMAIN is not valid',
    zh: 'ALIYUN_OSS_FILE_DOMAIN 的 TLS 证书无效',
  },
  'Certificate.fix': {
    en: 'Bind a valid certificate to the domain in the OSS or CDN console, and renew it in time.',
    zh: '请在 OSS 或 CDN 控制台为该域名绑定有效证书，并及时续期。',
  },
  Unreachable: { en: 'ALIYUN_OSS_FILE_DOMAIN does not respond', zh: 'ALIYUN_OSS_FILE_DOMAIN 无响应' },
  'Unreachable.fix': {
    en: 'Check its host, port and scheme, and the firewall; an HTTPS address needs a certificate bound to the domain.',
    zh: '请检查其域名、端口与协议，以及防火墙；HTTPS 地址需先为域名绑定证书。',
  },
  DomainNotBound: {
    en: 'ALIYUN_OSS_FILE_DOMAIN does not point to the bucket',
    zh: 'ALIYUN_OSS_FILE_DOMAIN 未指向该 Bucket',
  },
  'DomainNotBound.fix': {
    en: "Bind the domain to the bucket (OSS console, Domain names) or make the bucket the CDN's origin, and check the path in ALIYUN_OSS_FILE_DOMAIN.",
    zh: '请将该域名绑定到 Bucket（OSS 控制台“域名管理”），或将 Bucket 设为 CDN 源站，并检查 ALIYUN_OSS_FILE_DOMAIN 中的路径。',
  },
  DomainBlocked: {
    en: 'the public address is blocked before it reaches OSS',
    zh: '公开地址在到达 OSS 之前被拦截',
  },
  'DomainBlocked.fix': {
    en: 'A domain served from mainland China needs an ICP filing; also check hotlink protection and the access rules of the CDN.',
    zh: '在中国内地提供服务的域名须完成 ICP 备案；另请检查防盗链与 CDN 访问控制。',
  },
  PublicReadDenied: { en: 'the object is not publicly readable', zh: '对象不可公开读取' },
  'PublicReadDenied.fix': {
    en: "Let the CDN read the private bucket (private back-to-origin), or make the bucket public-read with Block Public Access off (since October 2025 it is on by default for buckets that an API or SDK made); hotlink protection must allow an empty referer. A domain bound to someone else's bucket has the same effect.",
    zh: '请为 CDN 开启私有 Bucket 回源，或将 Bucket 设为公共读并关闭“阻止公共访问”（自 2025 年 10 月起，通过 API 或 SDK 创建的 Bucket 默认开启）；防盗链须允许空 Referer。域名绑定到他人 Bucket 时也会如此。',
  },
  Redirected: { en: 'the public address redirects', zh: '公开地址发生了重定向' },
  'Redirected.fix': {
    en: 'Set ALIYUN_OSS_FILE_DOMAIN to the target of the redirect (often https instead of http).',
    zh: '请将 ALIYUN_OSS_FILE_DOMAIN 设为重定向后的地址（通常是 https）。',
  },
  PublicError: { en: 'the public address returns an error', zh: '公开地址返回错误' },
  'PublicError.fix': {
    en: "Check the CDN's origin (host, port, protocol) and its back-to-origin host.",
    zh: '请检查 CDN 源站（域名、端口、协议）与回源 Host。',
  },
  PublicPage: {
    en: 'the public address returns an HTML page instead of the image',
    zh: '公开地址返回的是 HTML 页面，而不是图片',
  },
  'PublicPage.fix': {
    en: 'ALIYUN_OSS_FILE_DOMAIN points to a web server, or the domain is parked or blocked (ICP filing): bind it to the bucket.',
    zh: 'ALIYUN_OSS_FILE_DOMAIN 指向了网站服务器，或域名未启用、被拦截（ICP 备案）：请将其绑定到 Bucket。',
  },
  PublicBytesDiffer: { en: 'the public address returns other bytes', zh: '公开地址返回的内容不同' },
  'PublicBytesDiffer.fix': {
    en: 'Disable image optimisation in the CDN, and check that the domain points to this bucket.',
    zh: '请关闭 CDN 的图片优化功能，并确认域名指向该 Bucket。',
  },
  PublicTypeDiffers: {
    en: 'the public address returns another Content-Type',
    zh: '公开地址返回的 Content-Type 不同',
  },
  'PublicTypeDiffers.fix': {
    en: 'Remove the CDN rule that sets Content-Type.',
    zh: '请移除 CDN 上改写 Content-Type 的规则。',
  },
  PrivateReadable: {
    en: 'the private bucket does not refuse a read without a signature',
    zh: '私有 Bucket 没有拒绝不带签名的读取',
  },
  'PrivateReadable.fix': {
    en: 'Set the ACL of ALIYUN_OSS_PRIVATE_BUCKET to private, turn on Block Public Access, and remove bucket policies that let everyone read it. ALIYUN_OSS_PRIVATE_FILE_DOMAIN must not be a CDN with access to the private bucket.',
    zh: '请将 ALIYUN_OSS_PRIVATE_BUCKET 的读写权限设为“私有”，开启“阻止公共访问”，并移除允许所有人读取的 Bucket Policy。ALIYUN_OSS_PRIVATE_FILE_DOMAIN 不能是开启了私有 Bucket 回源的 CDN。',
  },
  SignedUrlRefused: {
    en: 'the signed URL does not return the object',
    zh: '签名链接没有返回对象',
  },
  'SignedUrlRefused.fix': {
    en: 'Bind ALIYUN_OSS_PRIVATE_FILE_DOMAIN to the private bucket, or leave it unset. Also allow the key oss:GetObject on this bucket.',
    zh: '请将 ALIYUN_OSS_PRIVATE_FILE_DOMAIN 绑定到私有 Bucket，或不设置；并为 AccessKey 授予该 Bucket 的 oss:GetObject 权限。',
  },
  CdnReadable: {
    en: 'CDN_AUTH_DOMAIN serves private images without a signature',
    zh: 'CDN_AUTH_DOMAIN 不带签名也能读取私有图片',
  },
  'CdnReadable.fix': {
    en: 'Turn on URL signing of type A for this domain in the CDN console at once, or take its access to the private bucket away.',
    zh: '请立即在 CDN 控制台为该域名开启 URL 鉴权（方式 A），或取消其私有 Bucket 回源。',
  },
  CdnUrlRefused: {
    en: 'CDN_AUTH_DOMAIN does not return the object for a signed URL',
    zh: 'CDN_AUTH_DOMAIN 对签名链接没有返回对象',
  },
  'CdnUrlRefused.fix': {
    en: "CDN_AUTH_KEY must be the domain's primary or secondary key of URL signing, type A, and CDN_AUTH_TTL its validity period. The domain must have the private bucket as its origin, with access to private buckets turned on.",
    zh: 'CDN_AUTH_KEY 须为该域名 URL 鉴权（方式 A）的主 KEY 或备 KEY，CDN_AUTH_TTL 须与其有效时长一致。该域名须以私有 Bucket 为源站，并开启私有 Bucket 回源。',
  },
  CdnTtlDiffers: {
    en: 'CDN_AUTH_DOMAIN still accepts a URL that has expired by CDN_AUTH_TTL',
    zh: '按 CDN_AUTH_TTL 已过期的链接，CDN_AUTH_DOMAIN 仍然接受',
  },
  'CdnTtlDiffers.fix': {
    en: 'Set CDN_AUTH_TTL to the validity period in the URL signing of this domain. Otherwise signed URLs are valid for longer than requested.',
    zh: '请将 CDN_AUTH_TTL 设为该域名 URL 鉴权中配置的有效时长，否则签名链接的有效期会比要求的更长。',
  },
  ForcedDownload: {
    en: 'browsers would download the image instead of displaying it',
    zh: '浏览器会下载图片而不是显示',
  },
  'ForcedDownload.fix': {
    en: 'OSS forces downloads from its own domains (*.aliyuncs.com): bind your own domain to the bucket or use a CDN, and set ALIYUN_OSS_FILE_DOMAIN to it. The origin host of the CDN must also be the bound domain.',
    zh: 'OSS 默认域名（*.aliyuncs.com）会强制下载：请为 Bucket 绑定自有域名或使用 CDN，并据此设置 ALIYUN_OSS_FILE_DOMAIN；CDN 的回源 Host 也须是绑定的域名。',
  },
});

export type FindingCode = Exclude<keyof typeof findings, `${string}.fix`>;
export const findingText = textIn(findings);
