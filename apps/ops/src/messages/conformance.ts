import { catalog, sayIn, textIn } from '@pixdock/contract/messages/catalog';

const messages = catalog({
  // The checks themselves are in English, so that results can be compared.
  difference: {
    en: ({ expected, observed }: { expected: string; observed: string }) =>
      `    expected: ${expected}\n    got:      ${observed}`,
    zh: ({ expected, observed }) => `    预期：${expected}\n    实际：${observed}`,
  },
  unchecked: {
    en: ({ reason }: { reason: string }) => `    cannot be checked: ${reason}`,
    zh: ({ reason }) => `    无法检查：${reason}`,
  },
  left: {
    en: ({ keys }: { keys: readonly string[] }) =>
      `These objects could not be deleted; delete them by hand:\n  ${keys.join('\n  ')}`,
    zh: ({ keys }) => `以下对象未能删除，请手动删除：\n  ${keys.join('\n  ')}`,
  },
  'bucket-left': {
    en: ({ bucket, reason }: { bucket: string; reason: string }) =>
      `The bucket ${bucket} could not be deleted (${reason}); delete it in the console.`,
    zh: ({ bucket, reason }) => `Bucket ${bucket} 未能删除（${reason}），请在控制台中删除。`,
  },
  result: {
    en: ({ checks, passed, differ, unchecked }: Counts) =>
      `${checks} checks: ${passed} passed, ${differ} ${differ === 1 ? 'differs' : 'differ'} from the documentation, ${unchecked} cannot be checked.`,
    zh: ({ checks, passed, differ, unchecked }) =>
      `共 ${checks} 项检查：通过 ${passed} 项，与文档不同 ${differ} 项，无法检查 ${unchecked} 项。`,
  },

  'begin-own': {
    en: ({ bucket, region }: TestBucket) =>
      `Made the bucket ${bucket} in ${region}. It is deleted at the end, also after Ctrl-C. This takes about five minutes and costs less than 0.1 CNY.`,
    zh: ({ bucket, region }) =>
      `已在 ${region} 创建 Bucket ${bucket}，结束时会删除（按 Ctrl-C 后也会）。大约需要五分钟，费用不到 0.1 元。`,
  },
  'begin-given': {
    en: ({ bucket, scratch }: TestBucket) =>
      `The bucket ${bucket} exists. Only objects below ${scratch} are written, and they are deleted at the end, also after Ctrl-C. This takes about five minutes and costs less than 0.1 CNY.`,
    zh: ({ bucket, scratch }) =>
      `Bucket ${bucket} 已存在。只会写入 ${scratch} 下的对象，结束时会删除（按 Ctrl-C 后也会）。大约需要五分钟，费用不到 0.1 元。`,
  },
  cleaning: {
    en: 'Stopping, and deleting everything that was made …',
    zh: '正在停止，并删除创建的所有内容……',
  },
  interrupted: {
    en: 'Interrupted: everything that was made is deleted, unless named above.',
    zh: '已中断：除上文列出的内容外，创建的所有内容都已删除。',
  },
  written: {
    en: ({ files }: { files: readonly string[] }) => `The report is in ${files.join(' and ')}.`,
    zh: ({ files }) => `报告已写入 ${files.join(' 和 ')}。`,
  },
  'values-missing': {
    en: 'ALIYUN_OSS_REGION is not set',
    zh: '未设置 ALIYUN_OSS_REGION',
  },
  'values-missing.fix': {
    en: 'Set four values in the environment or in .env: ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIYUN_OSS_REGION (for example ap-southeast-1) and ALIYUN_OSS_BUCKET (a name that nobody uses; by default a random one).',
    zh: '请在环境变量或 .env 中设置四项：ALIBABA_CLOUD_ACCESS_KEY_ID、ALIBABA_CLOUD_ACCESS_KEY_SECRET、ALIYUN_OSS_REGION（例如 ap-southeast-1）和 ALIYUN_OSS_BUCKET（无人使用的名称，默认随机生成）。',
  },
  'bucket-refused': {
    en: ({ answer }: { answer: string }) => `OSS refused to make the bucket: ${answer}`,
    zh: ({ answer }) => `OSS 拒绝创建 Bucket：${answer}`,
  },
  'bucket-refused.fix': {
    en: 'Activate OSS in the console, give the key the right oss:PutBucket, or set ALIYUN_OSS_BUCKET to a name that nobody uses or to a bucket of yours.',
    zh: '请在控制台开通 OSS，为密钥授予 oss:PutBucket 权限，或将 ALIYUN_OSS_BUCKET 设为无人使用的名称或您自己的 Bucket。',
  },

  // Why something cannot be checked.
  'not-own-bucket': {
    en: 'the bucket was there before, and its settings are not changed',
    zh: 'Bucket 是原有的，不会更改它的设置',
  },
  'not-implemented': {
    en: ({ action }: { action: string }) => `this server does not implement ${action}`,
    zh: ({ action }) => `此服务器没有实现 ${action}`,
  },
  'no-right': {
    en: ({ action }: { action: string }) => `the key has no right to ${action}`,
    zh: ({ action }) => `密钥没有 ${action} 权限`,
  },
  'no-static-key': {
    en: 'it needs a permanent key (ALIBABA_CLOUD_ACCESS_KEY_ID) without a token',
    zh: '需要不带令牌的长期密钥（ALIBABA_CLOUD_ACCESS_KEY_ID）',
  },
  'no-temporary-key': {
    en: 'it needs a temporary key of STS with its ALIBABA_CLOUD_SECURITY_TOKEN',
    zh: '需要 STS 的临时密钥及其 ALIBABA_CLOUD_SECURITY_TOKEN',
  },
  'no-role': {
    en: 'it needs an ECS instance with a role (ALIBABA_CLOUD_ECS_METADATA) or a pod on ACK',
    zh: '需要带有角色的 ECS 实例（ALIBABA_CLOUD_ECS_METADATA）或 ACK 上的 Pod',
  },
  'one-bucket': {
    en: 'the endpoint is a domain of this bucket alone',
    zh: '接入域名只属于此 Bucket',
  },
  'no-default-domain': {
    en: 'ALIYUN_OSS_FILE_DOMAIN is not a default domain of OSS',
    zh: 'ALIYUN_OSS_FILE_DOMAIN 不是 OSS 的默认域名',
  },
  'no-domain': {
    en: ({ name }: { name: string }) => `it needs a domain that is bound to the bucket, in ${name}`,
    zh: ({ name }) => `需要在 ${name} 中设置绑定到 Bucket 的自定义域名`,
  },
  'private-bucket': {
    en: 'the bucket is private, and nobody may read it at ALIYUN_OSS_FILE_DOMAIN',
    zh: 'Bucket 是私有的，通过 ALIYUN_OSS_FILE_DOMAIN 无法公开读取',
  },
  'no-checkout': {
    en: 'it needs a checkout of Pixdock, in which `npm start` runs',
    zh: '需要 Pixdock 的源码目录，以便运行 `npm start`',
  },
  'services-ended': {
    en: ({ output }: { output: string }) => `the services did not start: ${output}`,
    zh: ({ output }) => `服务未能启动：${output}`,
  },
});

interface Counts {
  checks: number;
  passed: number;
  differ: number;
  unchecked: number;
}

interface TestBucket {
  bucket: string;
  region: string;
  scratch: string;
}

export const say = sayIn(messages);
export const text = textIn(messages);
