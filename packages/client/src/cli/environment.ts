export type Environment = Readonly<Record<string, string | undefined>>;
export type Language = 'en' | 'zh';

/** The language of messages, as POSIX has it: the first of these that is set decides. */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: Environment): Language {
  return (LC_ALL || LC_MESSAGES || LANG || '').startsWith('zh') ? 'zh' : 'en';
}

/** One sentence of two. */
export type Translate = (en: string, zh: string) => string;

/** The sentence of a language. */
export function translator(language: Language): Translate {
  return (en, zh) => (language === 'zh' ? zh : en);
}
