import type { Language } from '@pixdock/contract/messages/text';
import { explainIssue } from '../../runtime/explain-issue.js';
import { say } from './messages/key-file.js';
import { keyFileSchema, type StoredKey } from './stored-key.js';

/** A key file that cannot be used; `message` says why. */
export class KeyFileFault extends Error {
  override readonly name = 'KeyFileFault';

  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}

/** @throws KeyFileFault */
export function parseKeyFile(text: string, language: Language = 'en'): StoredKey[] {
  const { keys } = parseShape(text, language);
  for (const [at, key] of keys.entries()) {
    const before = keys.slice(0, at);
    const sameKey = before.find(({ hash }) => hash === key.hash);
    if (sameKey !== undefined)
      throw fault(language, say(language, 'same-key', { ids: [sameKey.id, key.id] }));
    if (before.some(({ id }) => id === key.id))
      throw fault(language, say(language, 'same-id', { id: key.id }));
  }
  return keys;
}

function parseShape(text: string, language: Language) {
  let value: unknown;
  try {
    // Editors on Windows begin a file with a byte order mark.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw fault(language, say(language, 'not-json'));
  }
  const parsed = keyFileSchema.safeParse(value, { error: (issue) => explainIssue(issue, language) });
  if (parsed.success) return parsed.data;
  const [{ path, message } = { path: [], message: '' }] = parsed.error.issues;
  const field = path.length === 0 ? 'keys' : path.join('.');
  // Do not quote the value: someone may have written the key itself.
  const problem = path.at(-1) === 'hash' ? say(language, 'not-a-hash') : message;
  throw fault(language, say(language, 'wrong-field', { field, problem }));
}

export const unreadableKeyFile = (language: Language, { code = '' }: NodeJS.ErrnoException) =>
  fault(language, code === 'ENOENT' ? say(language, 'missing') : say(language, 'unreadable', { code }));

const fault = (language: Language, problem: string) => new KeyFileFault(problem, say(language, 'fix'));
