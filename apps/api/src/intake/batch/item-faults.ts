import type { z } from 'zod';
import { shown } from '../shown.js';
import { type Fault, rowFault } from './draft.js';

type Issue = z.core.$ZodIssue;

/** What an issue of `itemSchema` means to whoever wrote the row. */
export function faultOfIssue(issue: Issue | undefined, value: unknown): Fault {
  const field = issue === undefined || issue.path.length === 0 ? null : shown(issue.path.join('.'));
  if (issue?.code === 'unrecognized_keys')
    return rowFault(shown(issue.keys[0] ?? ''), 'is not a known field', '不是已知字段');
  if (issue?.code === 'invalid_type') {
    if (issue.path.length > 0 && valueAt(value, issue.path) === undefined)
      return rowFault(field, 'is missing', '缺失');
    return issue.expected === 'string'
      ? rowFault(field, 'is not a string', '不是字符串')
      : rowFault(field, 'is not an object', '不是对象');
  }
  if (field === 'profile') return rowFault(field, 'is not the name of a profile', '不是 profile 的名称');
  return said(field, issue?.message);
}

function said(field: string | null, message = 'is not valid'): Fault {
  return rowFault(field, message, CHINESE.find(([en]) => en.test(message))?.[1] ?? '无效');
}

const CHINESE: [en: RegExp, zh: string][] = [
  [/absolute URL/, '不是完整的网址'],
  [/http or https/, '不是 http 或 https 网址'],
  [/user name or password/, '含有用户名或密码'],
  [/more than \d+ characters/, '字符过多'],
  [/is empty/, '为空'],
  [/larger than 4 KiB/, '超过 4 KiB'],
  [/64 hex digits/, '不是 64 位十六进制'],
  [/may only be/, '含有不允许的请求头'],
  [/no header may have/, '含有请求头不允许的字符'],
];

function valueAt(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null)?.[key], value);
}
