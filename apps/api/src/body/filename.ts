import { PixdockError } from '@pixdock/contract/error';
import { baseName } from '@pixdock/shared/state/files/file-name';

const MAX_LENGTH = 255;
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/**
 * A file name for display: the last part of a path, without direction marks; null without a name. It is never used as a
 * path or a key.
 * @throws PixdockError invalid_request for names that only attacks contain
 */
export function displayName(raw: string | undefined): string | null {
  if (raw === undefined || raw === '') return null;
  const parts = raw.split(/[\\/]/);
  if (parts.includes('..')) throw refuse('goes up a folder (..)', '包含上级目录（..）');
  if (CONTROL.test(raw)) throw refuse('has control characters', '包含控制字符');
  if ((parts.at(-1) ?? '').length > MAX_LENGTH)
    throw refuse(`is longer than ${MAX_LENGTH} characters`, `超过 ${MAX_LENGTH} 个字符`);
  return baseName(raw);
}

function refuse(en: string, zh: string): PixdockError {
  return new PixdockError('invalid_request', {
    en: `The file name ${en}. Send a plain name such as photo.jpg.`,
    zh: `文件名${zh}。请使用普通文件名，例如 photo.jpg。`,
  });
}
