import type { PixdockError } from '@pixdock/contract/error';
import { optionsSchema, type SubmissionOptions } from '@pixdock/contract/image';
import { invalid, invalidField } from '../http/invalid.js';
import { shown } from '../http/shown.js';

/** Planned option: an error that names it tells the caller that it had no effect. */
const NOT_YET = 'webhookUrl';

/**
 * The options of a submission from its form fields or query.
 * @throws PixdockError invalid_request naming the first invalid field
 */
export function parseOptions(fields: ReadonlyMap<string, string>): SubmissionOptions {
  const given: Record<string, unknown> = {};
  for (const [name, value] of fields) {
    if (name === NOT_YET) throw notBuilt(name);
    if (name === 'url') throw URL_IN_FORM();
    if (!Object.hasOwn(optionsSchema.shape, name))
      throw invalid(`Unknown field "${shown(name)}".`, `未知字段“${shown(name)}”。`);
    given[name] = name === 'metadata' ? parseMetadata(value) : value;
  }
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalidField(parsed.error, given);
}

const URL_IN_FORM = () =>
  invalid(
    'Send `url` as JSON: Content-Type: application/json and {"url": "https://…"}.',
    '请以 JSON 形式发送 url：Content-Type: application/json，内容为 {"url": "https://…"}。',
  );

export function notBuilt(name: string): PixdockError {
  return invalid(
    `"${name}" is not available in this version; poll, or wait with Prefer: wait, for the status.`,
    `此版本尚不支持“${name}”；请通过轮询或 Prefer: wait 获取状态。`,
  );
}

function parseMetadata(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw invalid(
      'Field metadata is not JSON; write an object of strings, for example {"album":"7"}.',
      '字段 metadata 不是 JSON；请写成字符串值的对象，例如 {"album":"7"}。',
    );
  }
}
