import { expect, it } from 'vitest';
import { printReport, toJson } from './command.js';
import type { Report } from './examine.js';

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
    { step: 'put', status: 'ok', ms: 12, detail: { en: 'stored', zh: '已写入' } },
    {
      step: 'read',
      status: 'fault',
      ms: 3,
      code: 'DnsFailure',
      detail: { en: 'no such name', zh: '没有此名称' },
      fix: { en: 'Add it', zh: '请添加' },
    },
    { step: 'delete', status: 'skipped' },
  ],
};

it('prints warnings, a line per step, and fixes below their faults', () => {
  expect(linesOf('en')).toEqual([
    'bucket my-images (cn-hangzhou) at https://oss-cn-hangzhou.aliyuncs.com, virtual; public https://img.example.com/pixdock-doctor/x.png',
    '! ALIYUN_OSS_REGION looks wrong',
    '✓ put       stored (12 ms)',
    '✗ read      DnsFailure: no such name (3 ms)',
    '            fix: Add it',
    '- delete    skipped',
    '1 fault.',
  ]);
  expect(linesOf('zh')).toEqual([
    'Bucket my-images（cn-hangzhou），接入域名 https://oss-cn-hangzhou.aliyuncs.com，virtual 方式；公开地址 https://img.example.com/pixdock-doctor/x.png',
    '! ALIYUN_OSS_REGION looks wrong',
    '✓ put       已写入（12 ms）',
    '✗ read      DnsFailure：没有此名称（3 ms）',
    '            处理方法：请添加',
    '- delete    已跳过',
    '发现 1 个问题。',
  ]);
});

it('prints JSON with details in English', () => {
  expect(JSON.parse(toJson(REPORT)).steps[1]).toEqual({
    step: 'read',
    status: 'fault',
    ms: 3,
    code: 'DnsFailure',
    detail: 'no such name',
    fix: { en: 'Add it', zh: '请添加' },
  });
});

function linesOf(language: 'en' | 'zh'): string[] {
  const lines: string[] = [];
  printReport(REPORT, language, (line) => lines.push(line));
  return lines;
}
