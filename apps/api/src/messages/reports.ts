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
    ...statusWords,
  }),
);
