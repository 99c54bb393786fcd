import type { Text } from '@pixdock/contract/error-table';

export type FindingCode = keyof typeof FINDINGS;

const finding = (problem: string, en: string, zh: string): { problem: string; fix: Text } => ({
  problem,
  fix: { en, zh },
});

/** What the doctor can find beside the faults that OSS names itself, each with its fix. */
export const FINDINGS = {
  ClockSkewed: finding(
    "this machine's clock is too far from OSS's",
    'Turn time synchronisation on (NTP, chrony). Pixdock corrects for it meanwhile, at the cost of a refused request.',
    '请开启时间同步（NTP、chrony）。在此之前 Pixdock 会自行校正，但会多一次被拒绝的请求。',
  ),
  EtagMismatch: finding(
    'OSS stored other bytes than were sent, by its ETag',
    'Look for a proxy that changes bodies on the way to ALIYUN_OSS_ENDPOINT.',
    '请检查到 ALIYUN_OSS_ENDPOINT 之间是否有代理改写了请求体。',
  ),
  VersionedBucket: finding(
    'the bucket keeps versions (x-oss-version-id)',
    'Use a bucket without versioning, or suspend it: with it OSS may overwrite what must not change, and deleted images stay, and are billed.',
    '请使用未开启版本控制的 Bucket，或暂停版本控制：否则 OSS 可能覆盖不应更改的对象，已删除的图片也会保留并计费。',
  ),
  OverwriteAllowed: finding(
    'a second put replaced the object although x-oss-forbid-overwrite was sent',
    'Suspend versioning of the bucket; if it has none, something before OSS drops the header: reach OSS directly.',
    '请暂停 Bucket 的版本控制；若未开启，则是中间环节丢弃了该请求头：请直接访问 OSS。',
  ),
  NotFoundAfterPut: finding(
    'the object just put is not there',
    'Look for a lifecycle rule or a function that deletes it, and check that ALIYUN_OSS_ENDPOINT leads to OSS itself and not to a cache.',
    '请检查是否有生命周期规则或函数删除了它，并确认 ALIYUN_OSS_ENDPOINT 指向 OSS 本身而非缓存。',
  ),
  StoredDifferently: finding(
    'what OSS stored is not what was sent',
    'Look for a proxy that changes headers or bodies between here and ALIYUN_OSS_ENDPOINT.',
    '请检查到 ALIYUN_OSS_ENDPOINT 之间是否有代理改写了请求头或请求体。',
  ),
  DnsFailure: finding(
    'the name in ALIYUN_OSS_FILE_DOMAIN cannot be resolved',
    "Add the domain's CNAME record (to the bucket's domain or the CDN), or correct ALIYUN_OSS_FILE_DOMAIN.",
    '请为该域名添加 CNAME 记录（指向 Bucket 域名或 CDN），或更正 ALIYUN_OSS_FILE_DOMAIN。',
  ),
  Certificate: finding(
    'the TLS certificate of ALIYUN_OSS_FILE_DOMAIN is not accepted',
    'Bind a valid certificate to the domain in the OSS or CDN console, and renew it in time.',
    '请在 OSS 或 CDN 控制台为该域名绑定有效证书，并及时续期。',
  ),
  Unreachable: finding(
    'nothing answers at ALIYUN_OSS_FILE_DOMAIN',
    'Check its host, port and scheme, and the firewall; an HTTPS address needs a certificate bound to the domain.',
    '请检查其域名、端口与协议，以及防火墙；HTTPS 地址需先为域名绑定证书。',
  ),
  DomainNotBound: finding(
    'ALIYUN_OSS_FILE_DOMAIN does not lead to the bucket',
    "Bind the domain to the bucket (OSS console, Domain names) or make the bucket the CDN's origin, and check the path in ALIYUN_OSS_FILE_DOMAIN.",
    '请将该域名绑定到 Bucket（OSS 控制台“域名管理”），或将 Bucket 设为 CDN 源站，并检查 ALIYUN_OSS_FILE_DOMAIN 中的路径。',
  ),
  DomainBlocked: finding(
    'the public address is blocked before it reaches OSS',
    'A domain served from mainland China needs an ICP filing; also check hotlink protection and the access rules of the CDN.',
    '在中国内地提供服务的域名须完成 ICP 备案；另请检查防盗链与 CDN 访问控制。',
  ),
  PublicReadDenied: finding(
    'the public may not read the object',
    "Let the CDN read the private bucket (private back-to-origin), or make the bucket public-read with Block Public Access off; hotlink protection must allow an empty referer. A domain bound to somebody else's bucket answers the same.",
    '请为 CDN 开启私有 Bucket 回源，或将 Bucket 设为公共读并关闭“阻止公共访问”；防盗链须允许空 Referer。域名绑定到他人 Bucket 时也会如此。',
  ),
  Redirected: finding(
    'the public address redirects',
    'Set ALIYUN_OSS_FILE_DOMAIN to where it leads (often https instead of http).',
    '请将 ALIYUN_OSS_FILE_DOMAIN 设为重定向后的地址（通常是 https）。',
  ),
  PublicError: finding(
    'the public address answers with an error',
    "Check the CDN's origin (host, port, protocol) and its back-to-origin host.",
    '请检查 CDN 源站（域名、端口、协议）与回源 Host。',
  ),
  PublicPage: finding(
    'the public address answers with a page, not with the image',
    'ALIYUN_OSS_FILE_DOMAIN leads to a web server, or the domain is parked or blocked (ICP filing): bind it to the bucket.',
    'ALIYUN_OSS_FILE_DOMAIN 指向了网站服务器，或域名未启用、被拦截（ICP 备案）：请将其绑定到 Bucket。',
  ),
  PublicBytesDiffer: finding(
    'the public address answers with other bytes',
    'Turn image optimisation off at the CDN, and check that the domain leads to this bucket.',
    '请关闭 CDN 的图片优化功能，并确认域名指向该 Bucket。',
  ),
  PublicTypeDiffers: finding(
    'the public address answers with another Content-Type',
    "Remove the CDN's rule that sets Content-Type.",
    '请移除 CDN 上改写 Content-Type 的规则。',
  ),
  ForcedDownload: finding(
    'browsers would download the image instead of showing it',
    "OSS forces downloads from its own domains (*.aliyuncs.com): bind a domain of yours to the bucket or put a CDN before it, and set ALIYUN_OSS_FILE_DOMAIN to that; its origin host must be the bucket's bound domain too.",
    'OSS 默认域名（*.aliyuncs.com）会强制下载：请为 Bucket 绑定自有域名或使用 CDN，并据此设置 ALIYUN_OSS_FILE_DOMAIN。',
  ),
} as const;
