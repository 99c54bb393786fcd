import type { Language } from '@pixdock/contract/messages/text';
import { accepts } from 'hono/accepts';
import type { ApiContext } from './env.js';

/** The language of sentences in a response: the one that Accept-Language prefers, else DEFAULT_LANGUAGE. */
export function languageOf(c: ApiContext): Language {
  const fallback = c.get('defaultLanguage') ?? 'en';
  if (c.req.header('Accept-Language') === undefined) return fallback;
  return accepts(c, {
    header: 'Accept-Language',
    supports: ['en', 'zh'],
    default: fallback,
    match: (preferred) => {
      const ranked = preferred.toSorted((a, b) => b.q - a.q).filter(({ q }) => q > 0);
      for (const { type } of ranked) {
        const language = type.toLowerCase().split('-')[0];
        if (language === 'en' || language === 'zh') return language;
      }
      return fallback;
    },
  }) as Language;
}
