import { expect, test } from 'vitest';
import { languageOf as languageOfServices } from '../../packages/contract/src/messages/text.js';
import { languageOf } from './say.mjs';

test.each([
  {},
  { LANG: 'zh_CN.UTF-8' },
  { LANG: 'zh_CN.UTF-8', LC_ALL: 'C' },
  { LC_MESSAGES: 'zh_TW', LANG: 'en_US.UTF-8' },
  { DEFAULT_LANGUAGE: ' zh ', LC_ALL: 'C' },
  { DEFAULT_LANGUAGE: 'en', LC_ALL: 'zh_CN' },
  { DEFAULT_LANGUAGE: '', LC_ALL: 'zh_CN' },
  { DEFAULT_LANGUAGE: 'cn', LC_ALL: 'zh_CN' },
])('speaks the language of the services with %o', (environment) => {
  expect(languageOf(environment)).toBe(languageOfServices(environment));
});
