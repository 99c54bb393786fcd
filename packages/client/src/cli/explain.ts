import { detailOf, fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import { PixdockApiError } from '../error.js';
import { EXIT, type ExitCode, UsageError } from './exit.js';
import { isFileError, sayFileError } from './file-error.js';
import type { Shell } from './shell.js';
import { visible } from './terminal/visible.js';

/** Prints why the command ended and what to do about it. Rethrows unexpected errors. */
export function explain(error: unknown, shell: Shell): ExitCode {
  const { screen } = shell;
  if (shell.signal.aborted) return EXIT.interrupted;
  const [text, exit] = describe(error, shell);
  for (const [index, line] of text.split('\n').entries())
    screen.err(index === 0 ? `${screen.red('pixdock:')} ${visible(line)}` : visible(line));
  return exit;
}

function describe(error: unknown, { say, language }: Shell): [string, ExitCode] {
  if (error instanceof UsageError) return [error.message, EXIT.usage];
  if (error instanceof PixdockApiError) {
    const { code, detail } = error;
    if (code === 'unreachable')
      return [error.retryable ? say('server-unreachable', { detail }) : detail, EXIT.usage];
    if (code === 'unexpected_answer') return [say('unexpected-server', { detail }), EXIT.usage];
    if (code === 'unauthorized')
      return [say('key-refused', { reason: reasonOf(detail, language) }), EXIT.usage];
    const failure = say('failure', error);
    const { requestId } = error;
    const line = requestId === undefined ? failure : say('failure-with-request', { failure, requestId });
    return [line, error.status >= 500 ? EXIT.usage : EXIT.failed];
  }
  if (isFileError(error) && ('syscall' in error || error.code === 'ESHORT')) {
    const reason = sayFileError(say, error);
    return [
      error.path === undefined ? reason : say('file-failure', { file: error.path, reason }),
      EXIT.usage,
    ];
  }
  throw error;
}

/** Why the server refuses a key; null if it says only that it does not know the key, or how a program sends one. */
function reasonOf(detail: string, language: Language): string | null {
  const known = [fixOf('unauthorized'), detailOf('key-unknown')];
  return known.some((one) => sayDetail(language, one) === detail) ? null : detail;
}
