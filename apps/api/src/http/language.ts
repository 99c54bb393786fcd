import type { Language } from '@pixdock/contract/messages/text';
import { accepts } from 'hono/accepts';
import type { ApiContext } from './env.js';

/** The language of problem details: Chinese when Accept-Language prefers it, else English. */
export function languageOf(c: ApiContext): Language {
  if (c.req.header('Accept-Language') === undefined) return 'en';
  return accepts(c, {
    header: 'Accept-Language',
    supports: ['en', 'zh'],
    default: 'en',
    match: (preferred) => {
      const ranked = preferred.toSorted((a, b) => b.q - a.q).filter(({ q }) => q > 0);
      for (const { type } of ranked) {
        const language = type.toLowerCase().split('-')[0];
        if (language === 'en' || language === 'zh') return language;
      }
      return 'en';
    },
  }) as Language;
}
