import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Texts of the HTML pages. */
export const say = sayIn(
  catalog({
    'home.lead': {
      en: 'This server takes images and publishes them from Alibaba Cloud OSS.',
      zh: '此服务接收图片，并通过阿里云 OSS 发布。',
    },
    'home.docs': { en: 'API reference', zh: 'API 文档' },
    'home.openapi': { en: 'OpenAPI document', zh: 'OpenAPI 文档' },
    'home.errors': { en: 'Error codes', zh: '错误码' },
    'home.readyz': { en: 'Readiness', zh: '就绪状态' },
    errors: { en: 'Error codes', zh: '错误码' },
    'errors.all': { en: 'All error codes', zh: '全部错误码' },
    code: { en: 'Code', zh: '错误码' },
    status: { en: 'HTTP status', zh: 'HTTP 状态码' },
    meaning: { en: 'Meaning', zh: '含义' },
    retryable: { en: 'Retry the same request', zh: '可否原样重试' },
    'retryable.yes': { en: 'yes, later', zh: '可以，稍后再试' },
    'retryable.no': { en: 'no', zh: '不可以' },
    fix: { en: 'Fix', zh: '处理方法' },
  }),
);
