import { builtInProfiles, variantSchema } from '@pixdock/contract/profile';
import { expect, test } from 'vitest';
import { flatText } from './markdown.js';

test.each(['README.md', 'README.zh-CN.md'])('%s describes every built-in profile', (page) => {
  const missing = [...builtInProfiles().keys()].filter((name) => !flatText(page).includes(`- \`${name}\``));
  expect(missing).toEqual([]);
});

test.each(['README.md', 'README.zh-CN.md'])('%s lists every member of a variant and its formats', (page) => {
  const text = flatText(page);
  const missing = Object.keys(variantSchema.shape).filter((name) => !text.includes(`\`${name}\``));
  expect(missing).toEqual([]);
  const [, list = ''] = /`format`(?: \(|（)([^)）]+)/.exec(text) ?? [];
  expect(list.split(/, |、/).toSorted()).toEqual(variantSchema.shape.format.unwrap().options.toSorted());
});
