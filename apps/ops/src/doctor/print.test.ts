import { expect, it } from 'vitest';
import { languageOf } from '../language.js';
import type { Report } from './examine.js';
import { printReport } from './print.js';

const REPORT: Report = {
  ok: false,
  bucket: 'my-images',
  region: 'cn-hangzhou',
  endpoint: 'https://oss-cn-hangzhou.aliyuncs.com',
  addressing: 'virtual',
  key: 'pixdock-doctor/x.png',
  url: 'https://img.example.com/pixdock-doctor/x.png',
  warnings: ['ALIYUN_OSS_REGION looks wrong'],
  steps: [
    { step: 'put', status: 'ok', ms: 12, detail: 'stored' },
    {
      step: 'read',
      status: 'fault',
      ms: 3,
      code: 'DnsFailure',
      detail: 'no such name',
      fix: { en: 'Add it', zh: '请添加' },
    },
    { step: 'delete', status: 'skipped' },
  ],
};

it('prints warnings, a line a step, and fixes below their faults', () => {
  expect(linesOf('en')).toEqual([
    'bucket my-images (cn-hangzhou) at https://oss-cn-hangzhou.aliyuncs.com, virtual; public https://img.example.com/pixdock-doctor/x.png',
    '! ALIYUN_OSS_REGION looks wrong',
    '✓ put       stored (12 ms)',
    '✗ read      DnsFailure: no such name (3 ms)',
    '            fix: Add it',
    '- delete    not tried',
    '1 fault.',
  ]);
  expect(linesOf('zh')).toContain('            fix: 请添加');
});

it.each([
  [{}, 'en'],
  [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
  [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
  [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'zh_TW' }, 'zh'],
] as const)('%o is %s', (environment, language) => {
  expect(languageOf(environment)).toBe(language);
});

function linesOf(language: 'en' | 'zh'): string[] {
  const lines: string[] = [];
  printReport(REPORT, language, (line) => lines.push(line));
  return lines;
}
