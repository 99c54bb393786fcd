import { optionsSchema, type SubmissionOptions } from '@pixdock/shared/contract/image';
import { PixdockError } from '@pixdock/shared/errors';

/** Names known to design but not built yet: refused by name, so that nobody believes they did something. */
const NOT_YET = ['url', 'webhookUrl'];

/**
 * The options of a submission from its form fields or query.
 * @throws PixdockError invalid_request naming the first field that is wrong
 */
export function parseOptions(fields: ReadonlyMap<string, string>): SubmissionOptions {
  const given: Record<string, unknown> = {};
  for (const [name, value] of fields) {
    if (NOT_YET.includes(name)) throw notBuilt(name);
    if (!Object.hasOwn(optionsSchema.shape, name))
      throw invalid(`Unknown field "${shown(name)}".`, `未知字段“${shown(name)}”。`);
    given[name] = name === 'metadata' ? parseMetadata(value) : value;
  }
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw invalid(`Field ${shown(field)}: ${issue?.message}.`, `字段 ${shown(field)} 无效。`);
}

export function notBuilt(name: string): PixdockError {
  return invalid(
    `"${name}" is not available in this version; send the bytes of the image as \`file\`, and poll or wait for its status.`,
    `此版本尚不支持“${name}”；请以 file 字段发送图片内容，并通过轮询或等待获取状态。`,
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

export function invalid(en: string, zh: string): PixdockError {
  return new PixdockError('invalid_request', { en, zh });
}

// Echoed into an answer, so cut short and free of anything that could garble a terminal.
function shown(text: string): string {
  return text.slice(0, 64).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
}
