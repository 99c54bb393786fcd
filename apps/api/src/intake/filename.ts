import { PixdockError } from '@pixdock/shared/errors';

const MAX_LENGTH = 255;
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
// Marks that reorder text, so that gpj.exe can be shown as exe.jpg.
const BIDI = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A file name fit to be shown: the last part of a path, without direction marks; null when there is none. It is only ever
 * echoed, never a path or a key.
 * @throws PixdockError invalid_request for a name that no honest client sends
 */
export function displayName(raw: string | undefined): string | null {
  if (raw === undefined || raw === '') return null;
  const parts = raw.split(/[\\/]/);
  if (parts.includes('..')) throw refuse('goes up a folder (..)', '包含上级目录（..）');
  if (CONTROL.test(raw)) throw refuse('has control characters', '包含控制字符');
  const name = (parts.at(-1) ?? '').replace(BIDI, '').trim();
  if (name.length > MAX_LENGTH)
    throw refuse(`is longer than ${MAX_LENGTH} characters`, `超过 ${MAX_LENGTH} 个字符`);
  return name === '' ? null : name;
}

function refuse(en: string, zh: string): PixdockError {
  return new PixdockError('invalid_request', {
    en: `The file name ${en}. Send a plain name such as photo.jpg.`,
    zh: `文件名${zh}。请使用普通文件名，例如 photo.jpg。`,
  });
}
