import { PixdockApiError } from '../error.js';
import { EXIT, type ExitCode, UsageError } from './exit.js';
import type { Shell } from './shell.js';
import { visible } from './terminal/visible.js';

/** Says what ended the command and what to do about it. What nobody expects is thrown on. */
export function explain(error: unknown, shell: Shell): ExitCode {
  const { screen } = shell;
  if (shell.signal.aborted) return EXIT.interrupted;
  const [text, exit] = wordsOf(error, shell);
  for (const [index, line] of text.split('\n').entries())
    screen.err(index === 0 ? `${screen.red('pixdock:')} ${visible(line)}` : visible(line));
  return exit;
}

function wordsOf(error: unknown, { t }: Shell): [string, ExitCode] {
  if (error instanceof UsageError) return [error.message, EXIT.usage];
  if (error instanceof PixdockApiError) {
    const request =
      error.requestId === undefined ? '' : t(` (request ${error.requestId})`, `（请求 ${error.requestId}）`);
    switch (error.code) {
      case 'unreachable':
        return [
          t(
            `${error.detail}\nIs the server running there? "npm start" starts one; --url, PIXDOCK_URL or "pixdock config set url URL" name another.`,
            `${error.detail}\n服务是否已在该地址运行？可用 npm start 启动，或用 --url、PIXDOCK_URL、pixdock config set url URL 指定其他地址。`,
          ),
          EXIT.usage,
        ];
      case 'unexpected_answer':
        return [t(`${error.detail}\nIs the address right?`, `${error.detail}\n地址是否正确？`), EXIT.usage];
      case 'unauthorized':
        return [
          t(
            `The server does not take this key.\nGive one of its API_KEYS with --key, PIXDOCK_API_KEY or "pixdock config set key KEY"; "pixdock config show" tells which is used.`,
            `服务器不接受此密钥。\n请通过 --key、PIXDOCK_API_KEY 或 pixdock config set key KEY 提供其 API_KEYS 之一；pixdock config show 可查看当前使用的密钥。`,
          ),
          EXIT.usage,
        ];
      default:
        return [`${error.code}: ${error.detail}${request}`, error.status >= 500 ? EXIT.usage : EXIT.failed];
    }
  }
  // A folder that cannot be read, a full disk: its message names the file.
  if (error instanceof Error && 'code' in error && 'syscall' in error) return [error.message, EXIT.usage];
  throw error;
}
