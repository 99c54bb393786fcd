import type { Text } from '@pixdock/contract/error-table';
import { isCertificateFault } from './certificate.js';
import type { FaultKind, StorageFault } from './types.js';

/** What an operator should do about a fault: by its code where we know more than its kind tells. */
export function fixFor(code: string, kind: FaultKind, operation: StorageFault['operation']): Text {
  const known = FIXES[code] ?? FIXES[ALIASES[code] ?? ''];
  if (known === FIXES.AccessDenied && operation === 'list') return LIST_DENIED;
  if (known !== undefined) return fill(known, RAM_ACTIONS[operation]);
  if (isCertificateFault(code)) return CERTIFICATE;
  return BY_KIND[kind];
}

/** The RAM action that each operation needs; HeadObject is covered by GetObject. */
const RAM_ACTIONS = {
  put: 'oss:PutObject',
  head: 'oss:GetObject',
  remove: 'oss:DeleteObject',
  list: 'oss:ListObjects',
} as const;

function fill({ en, zh }: Text, action: string): Text {
  return { en: en.replace('{action}', action), zh: zh.replace('{action}', action) };
}

const text = (en: string, zh: string): Text => ({ en, zh });

const CERTIFICATE = text(
  "The endpoint's TLS certificate is not accepted: renew it, bind one to the custom domain in the OSS console, or give a private CA by NODE_EXTRA_CA_CERTS.",
  '接入域名的 TLS 证书无效：请更新证书，在 OSS 控制台为自定义域名绑定证书，或用 NODE_EXTRA_CA_CERTS 指定私有 CA。',
);

const LIST_DENIED = text(
  'Allow oss:ListObjects on acs:oss:*:*:BUCKET, the bucket itself, to the RAM user (or role) of ALIBABA_CLOUD_ACCESS_KEY_ID. The service does without; reconcile and recover do not.',
  '请为 ALIBABA_CLOUD_ACCESS_KEY_ID 所属的 RAM 用户（或角色）授予 acs:oss:*:*:BUCKET（Bucket 本身）上的 oss:ListObjects 权限。服务本身不需要该权限，但 reconcile 与 recover 需要。',
);

const BY_KIND: Record<FaultKind, Text> = {
  transient: text(
    'Usually passes by itself; if not, check the network to ALIYUN_OSS_ENDPOINT and the status of Alibaba Cloud.',
    '通常会自行恢复；若持续出现，请检查到 ALIYUN_OSS_ENDPOINT 的网络及阿里云服务状态。',
  ),
  throttled: text(
    'OSS asks for fewer requests: run fewer workers on this account, or ask Alibaba Cloud for a higher limit.',
    'OSS 限流：请减少使用该账号的 worker 数量，或向阿里云申请提高限额。',
  ),
  configuration: text(
    'Check ALIYUN_OSS_* and ALIBABA_CLOUD_*; something between us and OSS, such as a proxy, may also have answered in its place.',
    '请检查 ALIYUN_OSS_* 与 ALIBABA_CLOUD_* 配置；也可能是中间的代理代替 OSS 作出了响应。',
  ),
  rejected: text(
    'OSS does not accept this object; others are not affected. Look the code up in the OSS documentation.',
    'OSS 拒绝了该对象，其他对象不受影响。请在 OSS 文档中查询该错误码。',
  ),
};

/** Codes with the same remedy as another. */
const ALIASES: Record<string, string> = {
  HTTP403: 'AccessDenied',
  HTTP401: 'AccessDenied',
  InvalidSecurityToken: 'SecurityTokenExpired',
  UserDisable: 'InDebt',
  BucketDisable: 'InDebt',
  EAI_AGAIN: 'ENOTFOUND',
  EHOSTUNREACH: 'ECONNREFUSED',
  ENETUNREACH: 'ECONNREFUSED',
  ConnectionTimeoutError: 'ECONNREFUSED',
  HTTP301: 'WrongEndpoint',
  HTTP302: 'WrongEndpoint',
  HTTP307: 'WrongEndpoint',
  SecondLevelDomainForbidden: 'WrongEndpoint',
};

const FIXES: Record<string, Text> = {
  PublicEndpointForbidden: text(
    'This account may reach a mainland bucket only by a domain bound to it: bind one, set it as ALIYUN_OSS_ENDPOINT, and ALIYUN_OSS_ADDRESSING=cname.',
    '该账号只能通过绑定的自定义域名访问中国内地 Bucket：请绑定域名，将其设为 ALIYUN_OSS_ENDPOINT，并设置 ALIYUN_OSS_ADDRESSING=cname。',
  ),
  AccessDenied: text(
    'Allow {action} on acs:oss:*:*:BUCKET/PREFIX* to the RAM user (or role) of ALIBABA_CLOUD_ACCESS_KEY_ID, and look for a bucket policy or an IP rule that denies it. A mainland bucket of a new account must be reached by its own domain: ALIYUN_OSS_ADDRESSING=cname.',
    '请为 ALIBABA_CLOUD_ACCESS_KEY_ID 所属的 RAM 用户（或角色）授予 acs:oss:*:*:BUCKET/PREFIX* 上的 {action} 权限，并检查 Bucket Policy 或 IP 规则是否拒绝访问。新账号的中国内地 Bucket 须通过绑定的自定义域名访问：ALIYUN_OSS_ADDRESSING=cname。',
  ),
  InvalidAccessKeyId: text(
    'ALIBABA_CLOUD_ACCESS_KEY_ID does not exist or is disabled; a temporary one (STS.…) also needs ALIBABA_CLOUD_SECURITY_TOKEN.',
    'ALIBABA_CLOUD_ACCESS_KEY_ID 不存在或已停用；临时密钥（STS.…）还需设置 ALIBABA_CLOUD_SECURITY_TOKEN。',
  ),
  SignatureDoesNotMatch: text(
    'ALIBABA_CLOUD_ACCESS_KEY_SECRET does not belong to the key id, or ALIYUN_OSS_REGION is not the region of the bucket.',
    'ALIBABA_CLOUD_ACCESS_KEY_SECRET 与 AccessKey ID 不匹配，或 ALIYUN_OSS_REGION 不是该 Bucket 所在地域。',
  ),
  InvalidArgument: text(
    'OSS refuses a part of the request; if every object meets this, check ALIYUN_OSS_REGION and ALIBABA_CLOUD_SECURITY_TOKEN.',
    'OSS 拒绝了请求中的某个参数；若所有对象都如此，请检查 ALIYUN_OSS_REGION 与 ALIBABA_CLOUD_SECURITY_TOKEN。',
  ),
  RequestTimeTooSkewed: text(
    "This machine's clock is more than 15 minutes off: turn time synchronisation on (NTP, chrony).",
    '本机时钟偏差超过 15 分钟：请开启时间同步（NTP、chrony）。',
  ),
  NoSuchBucket: text(
    'ALIYUN_OSS_BUCKET does not exist at ALIYUN_OSS_ENDPOINT: correct the name, the region or the endpoint.',
    'ALIYUN_OSS_ENDPOINT 上不存在 ALIYUN_OSS_BUCKET：请更正名称、地域或接入域名。',
  ),
  InvalidBucketName: text(
    'Correct ALIYUN_OSS_BUCKET: 3 to 63 of a-z, 0-9 and "-".',
    '请更正 ALIYUN_OSS_BUCKET：3 至 63 个小写字母、数字或短横线。',
  ),
  SecurityTokenExpired: text(
    'The temporary credentials have expired or do not belong together: set the key id, the secret and ALIBABA_CLOUD_SECURITY_TOKEN of one new set and restart.',
    '临时凭证已过期或不配套：请使用同一组新的 AccessKey ID、Secret 与 ALIBABA_CLOUD_SECURITY_TOKEN 并重启。',
  ),
  InDebt: text(
    'The account or the bucket is suspended, usually for an unpaid bill: settle it in the Alibaba Cloud console.',
    '账号或 Bucket 已被停用，通常因欠费：请在阿里云控制台处理。',
  ),
  WrongEndpoint: text(
    'The bucket is not served at this endpoint: set ALIYUN_OSS_ENDPOINT and ALIYUN_OSS_REGION to those of the bucket, and ALIYUN_OSS_ADDRESSING to match.',
    '该 Bucket 不在此接入域名提供服务：请将 ALIYUN_OSS_ENDPOINT、ALIYUN_OSS_REGION 设为该 Bucket 的值，并设置相应的 ALIYUN_OSS_ADDRESSING。',
  ),
  HTTP404: text(
    'The answer is not from OSS: ALIYUN_OSS_ENDPOINT leads to another server, or the custom domain is not bound to the bucket.',
    '响应并非来自 OSS：ALIYUN_OSS_ENDPOINT 指向了其他服务器，或自定义域名未绑定到该 Bucket。',
  ),
  NotFromOss: text(
    'The answer is not from OSS: a proxy or login page stands before it, or ALIYUN_OSS_ENDPOINT leads to another server.',
    '响应并非来自 OSS：中间有代理或登录页面，或 ALIYUN_OSS_ENDPOINT 指向了其他服务器。',
  ),
  ENOTFOUND: text(
    'The name of the endpoint cannot be resolved: check ALIYUN_OSS_ENDPOINT, ALIYUN_OSS_BUCKET and the DNS of this machine.',
    '无法解析接入域名：请检查 ALIYUN_OSS_ENDPOINT、ALIYUN_OSS_BUCKET 以及本机 DNS。',
  ),
  ECONNREFUSED: text(
    'Nothing answers at the endpoint: check ALIYUN_OSS_ENDPOINT and its port, and the firewall on the way.',
    '接入域名无响应：请检查 ALIYUN_OSS_ENDPOINT 及其端口，以及沿途防火墙。',
  ),
  EPROTO: text(
    'The endpoint does not speak TLS: check the scheme and the port of ALIYUN_OSS_ENDPOINT.',
    '接入域名未使用 TLS：请检查 ALIYUN_OSS_ENDPOINT 的协议与端口。',
  ),
  InvalidDigest: text(
    'The bytes arrived damaged twice: look for a proxy that changes bodies.',
    '数据两次在传输中损坏：请检查是否有代理改写了请求体。',
  ),
  InvalidObjectName: text(
    'The key is empty, too long, or has an empty, "." or ".." segment.',
    '对象名为空、过长，或包含空段、“.”、“..”段。',
  ),
  InvalidMetadata: text(
    'Metadata names must be a-z, 0-9 and "-"; values printable ASCII without spaces at the ends.',
    '元数据名称须为 a-z、0-9 与短横线；值须为可打印 ASCII，首尾不含空格。',
  ),
};
