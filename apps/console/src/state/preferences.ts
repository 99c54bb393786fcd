import type { Language } from '@pixdock/contract/messages/text';
import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

/** The language of the page: the chosen one, else that of the browser. */
export const language = signal<Language>('en');
export const theme = signal<Theme>('auto');

const LANGUAGE = 'pixdock.language';
const THEME = 'pixdock.theme';

/** Reads the preferences, applies them to the document and keeps them. */
export function keepPreferences(): void {
  const preferred = /^zh/i.test(navigator.language) ? 'zh' : 'en';
  language.value = readOne(LANGUAGE, ['en', 'zh']) ?? preferred;
  theme.value = readOne(THEME, ['light', 'dark']) ?? 'auto';
  effect(() => {
    document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
    localStorage.setItem(LANGUAGE, language.value);
  });
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    localStorage.setItem(THEME, theme.value);
  });
}

function readOne<T extends string>(name: string, allowed: readonly T[]): T | undefined {
  const kept = localStorage.getItem(name);
  return allowed.find((value) => value === kept);
}
