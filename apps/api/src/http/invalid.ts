import { PixdockError } from '@pixdock/contract/error';
import type { ZodError } from 'zod';
import { wordsOfIssue } from './issue-words.js';
import { shown } from './shown.js';

export function invalid(en: string, zh: string): PixdockError {
  return new PixdockError('invalid_request', { en, zh });
}

export const unknownParameter = (name: string) =>
  invalid(`Unknown query parameter "${shown(name)}".`, `未知查询参数“${shown(name)}”。`);

/** The first thing that is wrong with a query. */
export function invalidParameter({ issues }: ZodError, query: Record<string, string[]>): PixdockError {
  const [issue] = issues;
  const isTwice = (query[String(issue?.path[0])] ?? []).length > 1;
  const { field, says } = wordsOfIssue(issue, query);
  if (isTwice) return invalid(`Parameter ${field}: is there twice.`, `参数 ${field}：出现了两次。`);
  return invalid(`Parameter ${field}: ${says.en}.`, `参数 ${field}：${says.zh}。`);
}

/** The first thing that is wrong with the fields of `value`. */
export function invalidField({ issues }: ZodError, value: unknown): PixdockError {
  const { field, says } = wordsOfIssue(issues[0], value);
  return field === null
    ? invalid(`The body ${says.en}.`, `请求体${says.zh}。`)
    : invalid(`Field ${field}: ${says.en}.`, `字段 ${field}：${says.zh}。`);
}
