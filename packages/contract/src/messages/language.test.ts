import { expect, it } from 'vitest';
import { languageOf } from './language.js';

it.each([
  [{}, 'en'],
  [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
  [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
  [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'zh_TW' }, 'zh'],
] as const)('reads the language of %o as %s', (locale, language) => {
  expect(languageOf(locale)).toBe(language);
});
