import { catalog } from '@pixdock/contract/messages/catalog';

/** Texts of the review queue. */
export const reviewMessages = catalog({
  'review.title': { en: 'Review', zh: '审核' },
  'review.counts': {
    en: (counts: { waiting: string; approved: string; rejected: string; skipped: string }) =>
      `${counts.waiting} waiting · ${counts.approved} approved · ${counts.rejected} rejected · ${counts.skipped} skipped`,
    zh: ({ waiting, approved, rejected, skipped }) =>
      `等待 ${waiting} 张 · 已批准 ${approved} · 已拒绝 ${rejected} · 已跳过 ${skipped}`,
  },
  'review.approve': { en: 'Approve', zh: '批准' },
  'review.reject': { en: 'Reject', zh: '拒绝' },
  'review.skip': { en: 'Skip', zh: '跳过' },
  'review.undo': { en: 'Undo', zh: '撤销' },
  'review.unskip': { en: 'Show skipped', zh: '显示已跳过的' },
  'review.empty': { en: 'No images to review', zh: '没有等待审核的图片' },
  'review.empty.hint': {
    en: 'New images appear here automatically.',
    zh: '新图片会自动显示在这里。',
  },
});
