import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Language } from '@pixdock/contract/messages/text';
import { expect, it, onTestFinished } from 'vitest';
import { readSettings } from './env.js';
import { readProfiles } from './settings.js';
import { SettingsError } from './settings-error.js';

function problemsOf(profiles: string, language: Language = 'en'): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'profiles.yaml');
  writeFileSync(file, profiles);
  try {
    readSettings({ PROFILES_FILE: file }, readProfiles, language);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults.map(({ problem }) => problem);
    throw error;
  }
  return [];
}

it.each([
  ['shop: { variants: 5 }', 'shop.variants: 5 is not an object'],
  ['shop: {}', 'shop.variants: is missing'],
  ['shop: { review: manual, variants: { main: {} } }', 'shop.review: "manual" is not a list'],
  ['shop: { variants: { main: {} }, extra: 1 }', 'shop: "extra" is not a known field'],
  [
    'shop: { variants: { main: { qualty: 80 } } }',
    'shop.variants.main: "qualty" (write quality) is not a known field',
  ],
  [
    'shop: { variants: { main: { fit: Cover } } }',
    'shop.variants.main.fit: "Cover" is not one of inside, cover; write cover',
  ],
  ['shop: { variants: { main: { width: abc } } }', 'shop.variants.main.width: "abc" is not a number'],
  ['shop: { variants: { main: { quality: 900 } } }', 'shop.variants.main.quality: 900 is more than 100'],
  ['shop: { variants: { main: { effort: -1 } } }', 'shop.variants.main.effort: -1 is less than 0'],
  [
    'shop: { variants: { main: { fit: stretch } } }',
    'shop.variants.main.fit: "stretch" is not one of inside, cover',
  ],
  [
    'shop: { variants: { main: { fit: cover, width: 9, position: entropy } } }',
    'shop.variants.main.position: needs `fit: cover`, `width` and `height`',
  ],
  [
    'shop: { variants: { main: { fit: cover, width: 9, height: 9, position: center } } }',
    'shop.variants.main.position: "center" is not one of centre, attention, entropy; write centre',
  ],
  ...[
    '',
    '/shop',
    'shop//x',
    'shop/../x',
    './x',
    'Shop',
    '商店',
    '{owner}',
    'private',
    'private/x',
    'ab/x',
    'x/5f',
    'x'.repeat(101),
  ].map((prefix): [string, string] => [
    `shop: { variants: { main: {} }, prefix: "${prefix}" }`,
    'shop.prefix: is not a prefix such as shop/avatars/: at most 100 lowercase letters, digits, "_", "." and "-", in segments separated by "/", none of them two hexadecimal digits, "." or "..", and the first not private',
  ]),
  [
    `{ ${Array.from({ length: 9 }, (_, at) => `s${at}: { variants: { main: {} }, prefix: p${at} }`).join()} }`,
    'the file: has more than 8 different prefixes',
  ],
  [
    'shop: { variants: { thumb: {} } }',
    'shop.variants: has no variant named main, which every profile needs',
  ],
  [
    `shop: { variants: { main: {}, ${Array.from({ length: 32 }, (_, at) => `v${at}: {}`).join()} } }`,
    'shop.variants: has more than 32 variants',
  ],
  [
    'shop: { variants: { main: {} }, require: { aspect: 3x1 } }',
    'shop.require.aspect: is not width:height, for example 16:9',
  ],
  [
    'Shop: { variants: { main: {} } }',
    'Shop: "Shop" is not a name: a lowercase letter, then lowercase letters, digits and hyphens, 32 in all at most',
  ],
])('explains the problem of %s', (profiles, problem) => {
  expect(problemsOf(profiles)).toEqual([problem]);
});

it('explains a problem in Chinese', () => {
  expect(problemsOf('shop: { variants: 5 }', 'zh')).toEqual(['shop.variants：5 不是对象']);
  expect(problemsOf('shop: { variants: { main: {} }, require: { maxBytes: big } }', 'zh')).toEqual([
    'shop.require.maxBytes：不是 1MiB 这样的大小',
  ]);
});

it('reports a file that is not YAML', () => {
  expect(problemsOf('{')[0]).toContain('cannot be read: ');
});
