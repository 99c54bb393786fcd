import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Problems of the settings that only the worker reads. */
export const say = sayIn(
  catalog({
    'cdn-endpoint': { en: 'is not an http or https URL', zh: '不是 http 或 https 地址' },
    'cdn-endpoint.fix': {
      en: 'leave it unset to use https://cdn.aliyuncs.com',
      zh: '留空则使用 https://cdn.aliyuncs.com',
    },
    'propagator-unusable': {
      en: ({ max }: { max: number }) => `is longer than ${max} characters or contains control characters`,
      zh: ({ max }) => `超过 ${max} 个字符，或含有控制字符`,
    },
    'reviewer-missing': {
      en: ({ profile }: { profile: string }) =>
        `is not set, but the profile ${profile} asks the reviewer http`,
      zh: ({ profile }) => `没有设置，但处理方案 ${profile} 使用审核者 http`,
    },
    'reviewer-missing.fix': {
      en: 'set it to the address of your reviewer, or remove http from `review` of the profile',
      zh: '请填写审核服务的地址，或从该处理方案的 review 中去掉 http',
    },
    'reviewer-forbidden': {
      en: 'leads to an address that Pixdock may not call',
      zh: '指向不允许调用的地址',
    },
    'reviewer-without-secret': {
      en: 'is not set, but REVIEW_HTTP_URL is',
      zh: '没有设置，但设置了 REVIEW_HTTP_URL',
    },
    'reviewer-secret': {
      en: 'is not a Standard Webhooks secret',
      zh: '不是 Standard Webhooks 的签名密钥',
    },
    'reviewer-secret.fix': {
      en: 'make one with: echo whsec_$(openssl rand -base64 32)',
      zh: '可用以下命令生成：echo whsec_$(openssl rand -base64 32)',
    },
    'propagator-unusable.fix': {
      en: 'write the name or the code of the party that publishes the images',
      zh: '请填写发布图片的主体的名称或编码',
    },
  }),
);
