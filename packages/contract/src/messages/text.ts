/** A sentence in the languages of Pixdock. */
export interface Text {
  en: string;
  zh: string;
}

export type Language = keyof Text;

interface Environment {
  DEFAULT_LANGUAGE?: string | undefined;
  LC_ALL?: string | undefined;
  LC_MESSAGES?: string | undefined;
  LANG?: string | undefined;
}

export const LANGUAGES = ['en', 'zh'] as const satisfies readonly Language[];

/** The language of DEFAULT_LANGUAGE if it is one, else of a POSIX locale such as `zh_CN.UTF-8`; the first variable that is set decides. */
export function languageOf({ DEFAULT_LANGUAGE, LC_ALL, LC_MESSAGES, LANG }: Environment): Language {
  const chosen = LANGUAGES.find((language) => language === DEFAULT_LANGUAGE?.trim());
  return chosen ?? (/^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en');
}
