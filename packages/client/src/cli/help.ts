import type { CAC } from 'cac';
import type { Translate } from './environment.js';

/** What cac says of wrong use (7.1.0, `Command.check…`), which it says in English only. */
const FAULTS = [
  [/^missing required args for command (`.*`)$/s, '命令 $1 缺少参数'],
  [/^Unknown option (`.*`)$/s, '未知选项 $1'],
  [/^option (`.*`) value is missing$/s, '选项 $1 缺少值'],
  [/^Unused args: (.*)$/s, '多余的参数：$1'],
] as const;

/** What cac says of wrong use, in the user's language. */
export function faultOf(message: string, t: Translate): string {
  const [pattern, zh] = FAULTS.find(([known]) => known.test(message)) ?? [];
  return pattern === undefined ? message : t(message, message.replace(pattern, zh ?? ''));
}

/** `--help` and `--version`, in the user's language. */
export function defineHelp(cli: CAC, version: string, t: Translate): void {
  const titles: Record<string, string> = {
    Usage: t('Usage', '用法'),
    Commands: t('Commands', '命令'),
    Options: t('Options', '选项'),
    Examples: t('Examples', '示例'),
  };
  cli.version(version);
  cli.help((sections) =>
    sections
      .filter(({ title }) => title === undefined || title in titles)
      .map(({ title, body }) => ({
        ...(title !== undefined && { title: titles[title] ?? title }),
        // cac's word on --no-watch, which reads as if that were given by default.
        body: body.replace(' (default: true)', ''),
      })),
  );
  const descriptions: Record<string, string> = {
    help: t('Display this message', '显示此帮助'),
    version: t('Display version number', '显示版本号'),
  };
  for (const option of cli.globalCommand.options)
    option.description = descriptions[option.name] ?? option.description;
}
