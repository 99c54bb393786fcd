import { catalog, textIn } from '@pixdock/contract/messages/catalog';

/** Recommended actions for failed OSS calls. */
const fixes = catalog({
  // By kind, for codes without an entry of their own.
  transient: {
    en: 'Usually a short interruption. If it continues, check the network to ALIYUN_OSS_ENDPOINT and the status of Alibaba Cloud.',
    zh: '通常会自行恢复；若持续出现，请检查到 ALIYUN_OSS_ENDPOINT 的网络及阿里云服务状态。',
  },
  throttled: {
    en: 'OSS asks for fewer requests: run fewer workers on this account, or ask Alibaba Cloud for a higher limit.',
    zh: 'OSS 限流：请减少使用该账号的 worker 数量，或向阿里云申请提高限额。',
  },
  configuration: {
    en: 'Check ALIYUN_OSS_* and ALIBABA_CLOUD_*. A proxy between Pixdock and OSS may also have sent this response.',
    zh: '请检查 ALIYUN_OSS_* 与 ALIBABA_CLOUD_* 配置；也可能是中间的代理代替 OSS 作出了响应。',
  },
  rejected: {
    en: 'OSS does not accept this object; other objects are not affected. Look up the code in the OSS documentation.',
    zh: 'OSS 拒绝了该对象，其他对象不受影响。请在 OSS 文档中查询该错误码。',
  },

  // Permissions and credentials.
  'access-denied': {
    en: ({ action }: { action: string }) =>
      `Allow ${action} on acs:oss:*:*:BUCKET/PREFIX* to the RAM user (or role) of ALIBABA_CLOUD_ACCESS_KEY_ID, and look for a bucket policy or an IP rule that denies it. New accounts must access a mainland bucket through its own domain: ALIYUN_OSS_ADDRESSING=cname.`,
    zh: ({ action }) =>
      `请为 ALIBABA_CLOUD_ACCESS_KEY_ID 所属的 RAM 用户（或角色）授予 acs:oss:*:*:BUCKET/PREFIX* 上的 ${action} 权限，并检查 Bucket Policy 或 IP 规则是否拒绝访问。新账号的中国内地 Bucket 须通过绑定的自定义域名访问：ALIYUN_OSS_ADDRESSING=cname。`,
  },
  'list-denied': {
    en: 'Allow oss:ListObjects on acs:oss:*:*:BUCKET, the bucket itself, to the RAM user (or role) of ALIBABA_CLOUD_ACCESS_KEY_ID. For the buckets of images, only reconcile and recover need it; the services do not.',
    zh: '请为 ALIBABA_CLOUD_ACCESS_KEY_ID 所属的 RAM 用户（或角色）授予 acs:oss:*:*:BUCKET（Bucket 本身）上的 oss:ListObjects 权限。对于存放图片的 Bucket，只有 reconcile 与 recover 需要该权限，服务本身不需要。',
  },
  'info-denied': {
    en: 'Allow oss:GetBucketInfo on acs:oss:*:*:BUCKET, the bucket itself, to the RAM user (or role) of ALIBABA_CLOUD_ACCESS_KEY_ID; only doctor needs it. If the bucket belongs to another account, use one of your own.',
    zh: '请为 ALIBABA_CLOUD_ACCESS_KEY_ID 所属的 RAM 用户（或角色）授予 acs:oss:*:*:BUCKET（Bucket 本身）上的 oss:GetBucketInfo 权限，只有 doctor 需要它。若该 Bucket 属于其他账号，请改用自己的 Bucket。',
  },
  'unknown-key-id': {
    en: 'ALIBABA_CLOUD_ACCESS_KEY_ID does not exist or is disabled. A temporary key (STS.…) also needs ALIBABA_CLOUD_SECURITY_TOKEN.',
    zh: 'ALIBABA_CLOUD_ACCESS_KEY_ID 不存在或已停用；临时密钥（STS.…）还需设置 ALIBABA_CLOUD_SECURITY_TOKEN。',
  },
  'wrong-signature': {
    en: 'ALIBABA_CLOUD_ACCESS_KEY_SECRET does not belong to the key id, or ALIYUN_OSS_REGION is not the region of the bucket.',
    zh: 'ALIBABA_CLOUD_ACCESS_KEY_SECRET 与 AccessKey ID 不匹配，或 ALIYUN_OSS_REGION 不是该 Bucket 所在地域。',
  },
  'expired-token': {
    en: 'The temporary credentials have expired or come from different sets: set the key id, the secret and ALIBABA_CLOUD_SECURITY_TOKEN of one new set, then restart. A permanent key has no token: leave ALIBABA_CLOUD_SECURITY_TOKEN empty.',
    zh: '临时凭证已过期或不配套：请使用同一组新的 AccessKey ID、Secret 与 ALIBABA_CLOUD_SECURITY_TOKEN 并重启。长期密钥没有令牌，请将 ALIBABA_CLOUD_SECURITY_TOKEN 留空。',
  },
  'no-credentials': {
    en: 'The source of the credentials gave none: check ALIBABA_CLOUD_ROLE_ARN and its token file, ALIBABA_CLOUD_ECS_METADATA (the name of the RAM role of this instance) or ALIBABA_CLOUD_CREDENTIALS_URI, whichever is set.',
    zh: '未能从凭证来源取得凭证：请检查已设置的那一项：ALIBABA_CLOUD_ROLE_ARN 及其令牌文件、ALIBABA_CLOUD_ECS_METADATA（本实例 RAM 角色的名称）或 ALIBABA_CLOUD_CREDENTIALS_URI。',
  },
  suspended: {
    en: 'The account or the bucket is suspended, usually because of an unpaid bill: resolve this in the Alibaba Cloud console.',
    zh: '账号或 Bucket 已被停用，通常因欠费：请在阿里云控制台处理。',
  },
  'clock-skewed': {
    en: "This machine's clock is more than 15 minutes off: enable time synchronisation (NTP, chrony).",
    zh: '本机时钟偏差超过 15 分钟：请开启时间同步（NTP、chrony）。',
  },

  // The bucket and its endpoint.
  'public-endpoint-forbidden': {
    en: 'This account can access a mainland bucket only through a custom domain: bind one to the bucket, set it as ALIYUN_OSS_ENDPOINT, and set ALIYUN_OSS_ADDRESSING=cname.',
    zh: '该账号只能通过绑定的自定义域名访问中国内地 Bucket：请绑定域名，将其设为 ALIYUN_OSS_ENDPOINT，并设置 ALIYUN_OSS_ADDRESSING=cname。',
  },
  'no-private-bucket': {
    en: 'The image is private, and ALIYUN_OSS_PRIVATE_BUCKET is no longer set: set it again.',
    zh: '该图片是私有的，而 ALIYUN_OSS_PRIVATE_BUCKET 已不再设置：请重新设置。',
  },
  'no-such-bucket': {
    en: 'ALIYUN_OSS_BUCKET does not exist at ALIYUN_OSS_ENDPOINT: correct the name, the region or the endpoint.',
    zh: 'ALIYUN_OSS_ENDPOINT 上不存在 ALIYUN_OSS_BUCKET：请更正名称、地域或接入域名。',
  },
  'invalid-bucket-name': {
    en: 'Correct ALIYUN_OSS_BUCKET: 3 to 63 of a-z, 0-9 and "-".',
    zh: '请更正 ALIYUN_OSS_BUCKET：3 至 63 个小写字母、数字或短横线。',
  },
  'wrong-region': {
    en: 'ALIYUN_OSS_REGION is not the region of the bucket: set the region that the overview of the bucket in the OSS console shows, for example cn-hangzhou.',
    zh: 'ALIYUN_OSS_REGION 不是该 Bucket 所在的地域：请改为 OSS 控制台 Bucket 概览页显示的地域，例如 cn-hangzhou。',
  },
  'wrong-endpoint': {
    en: 'This endpoint does not serve the bucket: set ALIYUN_OSS_ENDPOINT and ALIYUN_OSS_REGION to those of the bucket, and ALIYUN_OSS_ADDRESSING to match.',
    zh: '该 Bucket 不在此接入域名提供服务：请将 ALIYUN_OSS_ENDPOINT、ALIYUN_OSS_REGION 设为该 Bucket 的值，并设置相应的 ALIYUN_OSS_ADDRESSING。',
  },
  'other-server': {
    en: 'The response is not from OSS: ALIYUN_OSS_ENDPOINT points to another server, or the custom domain is not bound to the bucket.',
    zh: '响应并非来自 OSS：ALIYUN_OSS_ENDPOINT 指向了其他服务器，或自定义域名未绑定到该 Bucket。',
  },
  'not-from-oss': {
    en: 'The response is not from OSS: a proxy or login page is in between, or ALIYUN_OSS_ENDPOINT points to another server.',
    zh: '响应并非来自 OSS：中间有代理或登录页面，或 ALIYUN_OSS_ENDPOINT 指向了其他服务器。',
  },

  // The network.
  'name-not-resolved': {
    en: 'The host name of the endpoint cannot be resolved: check ALIYUN_OSS_ENDPOINT, ALIYUN_OSS_BUCKET and the DNS of this machine.',
    zh: '无法解析接入域名：请检查 ALIYUN_OSS_ENDPOINT、ALIYUN_OSS_BUCKET 以及本机 DNS。',
  },
  'connection-refused': {
    en: 'The endpoint does not respond: check ALIYUN_OSS_ENDPOINT, its port, and any firewall in between.',
    zh: '接入域名无响应：请检查 ALIYUN_OSS_ENDPOINT 及其端口，以及沿途防火墙。',
  },
  'no-tls': {
    en: 'The endpoint does not use TLS: check the scheme and the port of ALIYUN_OSS_ENDPOINT.',
    zh: '接入域名未使用 TLS：请检查 ALIYUN_OSS_ENDPOINT 的协议与端口。',
  },
  'invalid-certificate': {
    en: 'The TLS certificate of the endpoint is not valid: renew it, bind one to the custom domain in the OSS console, or set NODE_EXTRA_CA_CERTS for a private CA.',
    zh: '接入域名的 TLS 证书无效：请更新证书，在 OSS 控制台为自定义域名绑定证书，或用 NODE_EXTRA_CA_CERTS 指定私有 CA。',
  },

  // The request itself.
  'invalid-argument': {
    en: 'OSS rejects a part of the request. If it rejects every object, check ALIYUN_OSS_REGION and ALIBABA_CLOUD_SECURITY_TOKEN.',
    zh: 'OSS 拒绝了请求中的某个参数；若所有对象都如此，请检查 ALIYUN_OSS_REGION 与 ALIBABA_CLOUD_SECURITY_TOKEN。',
  },
  'digest-mismatch': {
    en: 'The bytes were damaged twice in transit: look for a proxy that changes request bodies.',
    zh: '数据两次在传输中损坏：请检查是否有代理改写了请求体。',
  },
  'invalid-key': {
    en: 'The key is empty, too long, or has an empty, "." or ".." segment.',
    zh: '对象名为空、过长，或包含空段、“.”、“..”段。',
  },
  'invalid-metadata': {
    en: 'Metadata names must consist of a-z, 0-9 and "-"; values must be printable ASCII without leading or trailing spaces.',
    zh: '元数据名称须为 a-z、0-9 与短横线；值须为可打印 ASCII，首尾不含空格。',
  },
});

export const fixText = textIn(fixes);
export type FixReason = keyof typeof fixes;
