import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Sentences of reports. */
export const say = sayIn(
  catalog({
    'url-of-row': {
      en: ({ number, reason }: { number: number; reason: string }) => `URL ${number} of this row: ${reason}`,
      zh: ({ number, reason }) => `该行第 ${number} 个地址：${reason}`,
    },
  }),
);
