import { expect, it } from 'vitest';
import { languageOf } from './text.js';

it.each([
  [{}, 'en'],
  [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
  [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
  [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'zh_TW' }, 'zh'],
  [{ LANG: 'en_US.UTF-8', DEFAULT_LANGUAGE: ' zh ' }, 'zh'],
  [{ LANG: 'zh_CN.UTF-8', DEFAULT_LANGUAGE: 'en' }, 'en'],
  [{ LANG: 'zh_CN.UTF-8', DEFAULT_LANGUAGE: ' ' }, 'zh'],
  [{ LANG: 'zh_CN.UTF-8', DEFAULT_LANGUAGE: 'cn' }, 'zh'],
] as const)('reads the language of %o as %s', (environment, language) => {
  expect(languageOf(environment)).toBe(language);
});
