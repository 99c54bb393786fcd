import { baseName } from '@pixdock/shared/state/files/file-name';
import { invalid } from '../http/invalid.js';

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
  if (parts.includes('..')) throw invalid('file-name-goes-up');
  if (CONTROL.test(raw)) throw invalid('file-name-control-characters');
  if ((parts.at(-1) ?? '').length > MAX_LENGTH) throw invalid('file-name-too-long', { max: MAX_LENGTH });
  return baseName(raw);
}
