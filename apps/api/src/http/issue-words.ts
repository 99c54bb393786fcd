import type { Text } from '@pixdock/contract/error-table';
import type { z } from 'zod';
import { shown } from './shown.js';

type Issue = z.core.$ZodIssue;

/** Which field is wrong, null for the whole, and what with it: goes on after its name. */
export interface Words {
  field: string | null;
  says: Text;
}

/** What an issue of a schema means to whoever wrote `value`. */
export function wordsOfIssue(issue: Issue | undefined, value: unknown): Words {
  const field = issue === undefined || issue.path.length === 0 ? null : shown(issue.path.join('.'));
  const words = (en: string, zh: string, of = field): Words => ({ field: of, says: { en, zh } });
  if (issue?.code === 'unrecognized_keys')
    return words('is not a known field', '不是已知字段', shown(issue.keys[0] ?? ''));
  if (issue?.code === 'invalid_value')
    return words(`is none of ${issue.values.join(', ')}`, `不是以下之一：${issue.values.join('、')}`);
  if (issue?.code === 'invalid_type' && issue.expected !== 'number' && issue.expected !== 'int') {
    if (issue.path.length > 0 && valueAt(value, issue.path) === undefined) return words('is missing', '缺失');
    if (issue.expected === 'array') return words('is not an array', '不是数组');
    return issue.expected === 'string'
      ? words('is not a string', '不是字符串')
      : words('is not an object', '不是对象');
  }
  if (field === 'profile') return words('is not the name of a profile', '不是 profile 的名称');
  const message = issue?.message ?? 'is not valid';
  return words(message, CHINESE.find(([en]) => en.test(message))?.[1] ?? '无效');
}

const CHINESE: [en: RegExp, zh: string][] = [
  [/absolute URL/, '不是完整的网址'],
  [/http or https/, '不是 http 或 https 网址'],
  [/user name or password/, '含有用户名或密码'],
  [/more than \d+ characters/, '字符过多'],
  [/more than \d+ digests/, '超过单次查询的上限'],
  [/is empty/, '为空'],
  [/larger than 4 KiB/, '超过 4 KiB'],
  [/half of a character/, '含有不完整的字符（孤立代理项）'],
  [/a key __proto__/, '含有名为 __proto__ 的键'],
  [/whole number from 1 to 100/, '不是 1 到 100 的整数'],
  [/64 hex digits/, '不是 64 位十六进制'],
  [/may only be/, '含有不允许的请求头'],
  [/no header may have/, '含有请求头不允许的字符'],
];

function valueAt(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null)?.[key], value);
}
