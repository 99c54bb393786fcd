import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** `pixdock-ops pause` and `resume`. */
export const say = sayIn(
  catalog({
    paused: {
      en: ({ since }: { since: string }) =>
        `Processing is paused since ${since}. Images in progress are finished; uploads are accepted and wait. Continue with: pixdock-ops resume`,
      zh: ({ since }) =>
        `处理已暂停（自 ${since} 起）。进行中的图片会处理完；上传照常接受，排队等待。恢复处理：pixdock-ops resume`,
    },
    resumed: { en: 'Processing continues.', zh: '处理已恢复。' },
    'not-paused': { en: 'Processing was not paused.', zh: '处理没有暂停，无需恢复。' },
  }),
);
