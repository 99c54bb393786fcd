import type { Language } from '@pixdock/contract/error';
import type { Environment } from './dot-env.js';

/** The language of a POSIX locale, `zh_CN.UTF-8`. */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: Environment): Language {
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en';
}
