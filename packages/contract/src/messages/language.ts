import type { Language } from './text.js';

interface Locale {
  LC_ALL?: string | undefined;
  LC_MESSAGES?: string | undefined;
  LANG?: string | undefined;
}

/** The language of a POSIX locale such as `zh_CN.UTF-8`; the first variable that is set decides. */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: Locale): Language {
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en';
}
