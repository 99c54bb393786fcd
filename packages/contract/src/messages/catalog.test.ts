import { expect, it } from 'vitest';
import { catalog, sayIn, textIn } from './catalog.js';

const messages = catalog({
  stopped: { en: 'Stopped.', zh: '已停止。' },
  'not-empty': {
    en: ({ path }: { path: string }) => `${path} is not empty`,
    zh: ({ path }) => `${path} 不是空目录`,
  },
});
const say = sayIn(messages);
const text = textIn(messages);

it('says a sentence in one language', () => {
  expect(say('en', 'stopped')).toBe('Stopped.');
  expect(say('zh', 'not-empty', { path: '/a' })).toBe('/a 不是空目录');
});

it('says a sentence in both languages', () => {
  expect(text('stopped')).toEqual({ en: 'Stopped.', zh: '已停止。' });
  expect(text('not-empty', { path: '/a' })).toEqual({ en: '/a is not empty', zh: '/a 不是空目录' });
});

it('does not compile with missing or wrong parameters', () => {
  const reason: 'stopped' | 'not-empty' = Math.random() < 2 ? 'stopped' : 'not-empty';
  // @ts-expect-error The parameters are missing.
  expect(() => say('en', 'not-empty')).toThrow();
  // @ts-expect-error A path is text.
  say('en', 'not-empty', { path: 1 });
  // @ts-expect-error One of the reasons has parameters.
  text(reason);
});
