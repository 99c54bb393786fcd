import { catalog, sayIn } from '@pixdock/contract/messages/catalog';
import { statusWords } from '@pixdock/contract/messages/status-words';

/** Sentences of reports. */
export const say = sayIn(
  catalog({
    'correct-row': { en: 'Correct this row as the reason says.', zh: '请按原因修改这一行。' },
    'url-of-row': {
      en: ({ number, reason }: { number: number; reason: string }) => `URL ${number} of this row: ${reason}`,
      zh: ({ number, reason }) => `这一行第 ${number} 个链接：${reason}`,
    },
    'picture-of-row': {
      en: ({ number, reason }: { number: number; reason: string }) =>
        `Image ${number} of this row, a picture in the sheet: ${reason}`,
      zh: ({ number, reason }) => `这一行第 ${number} 张图片（表格中的图片，不是链接）：${reason}`,
    },
    ...statusWords,
  }),
);
