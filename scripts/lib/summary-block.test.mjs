import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { lineOf, speak } from './say.mjs';
import { curlFile, shellQuote, summaryBlock } from './summary-block.mjs';

test.each(['/srv/pixdock', '/home/me/my photos', "it's", 'a"b', '$HOME `x` !y', 'back\\slash', 'é 图片'])(
  'quotes %j as one word for sh',
  (text) => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(text)}`], { encoding: 'utf8' })).toBe(text);
  },
);

test('leaves a plain path unquoted and quotes curl’s separators for curl', () => {
  expect(curlFile('file', '/srv/a.jpg')).toBe('file=@/srv/a.jpg');
  expect(curlFile('file', '/srv/my photos/a.jpg')).toBe("'file=@/srv/my photos/a.jpg'");
  expect(curlFile('file', '/srv/a;b,c"d/a.jpg')).toBe(`'file=@"/srv/a;b,c\\"d/a.jpg"'`);
});

test.each([
  ['en', '  Console URL', '  Key     yours,'],
  ['zh', '  控制台   URL', '  密钥     您在'],
])('aligns the labels in %s', (language, ...lines) => {
  const facts = { dataDir: '/d', apiUrl: 'URL', consoleUrl: 'URL', lanes: 1, redis: 'r', oss: 'o' };
  speak({ DEFAULT_LANGUAGE: language });
  const block = lineOf(summaryBlock({ ...facts, servicesEnv: '/d/services.env', key: null }));
  speak({ DEFAULT_LANGUAGE: 'en' });
  for (const line of lines) expect(block).toContain(`\n${line}`);
});
