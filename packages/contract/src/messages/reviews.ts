import { catalog } from './catalog.js';
import { list } from './values.js';

type Labels = { labels: readonly string[] };

/** Problems of the review of an image. */
export const reviewMessages = catalog({
  'review-rejected': {
    en: ({ labels }: Labels) => `The review rejected the image: ${list.en(labels)}. Submit another image.`,
    zh: ({ labels }) => `图片未通过审核：${list.zh(labels)}。请换一张图片重新提交。`,
  },
  'review-timeout': {
    en: 'Nobody decided on the image in time, so it is rejected. Submit it again if it is still needed.',
    zh: '图片超过人工审核期限仍无人处理，已按未通过处理。如仍需要，请重新提交。',
  },
  'review-no-response': {
    en: 'The reviewer does not respond. The image waits in staging and continues automatically once the reviewer is back.',
    zh: '审核服务没有响应。图片在暂存区等待；审核服务恢复后自动继续，无需操作。',
  },
  'review-status': {
    en: ({ status }: { status: number }) =>
      `The reviewer responded with HTTP ${status}, not with a decision. The image waits in staging and continues automatically once the reviewer is back.`,
    zh: ({ status }) =>
      `审核服务返回 HTTP ${status}，没有给出审核结果。图片在暂存区等待；审核服务恢复后自动继续，无需操作。`,
  },
  'review-answer-invalid': {
    en: 'The response of the reviewer is not a decision. The image waits in staging and continues automatically once the reviewer is repaired.',
    zh: '审核服务返回的内容不是审核结果。图片在暂存区等待；审核服务修复后自动继续，无需操作。',
  },
  'image-was-decided': {
    en: ({ decision }: { decision: string }) => `The image already has another decision: \`${decision}\`.`,
    zh: ({ decision }) => `这张图片已有其他审核结果：${decision}。`,
  },
  'image-rejected': {
    en: 'The review rejected the image, so a retry would not publish it. Submit another image.',
    zh: '图片未通过审核，重试也不会发布。请换一张图片重新提交。',
  },
});
