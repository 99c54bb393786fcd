import { catalog, sayIn } from './catalog.js';
import type { Language } from './text.js';

/** The parts of a command line of cac (7.1.0) that its help consists of. */
interface CommandLine {
  help(change: (sections: Section[]) => Section[]): unknown;
  globalCommand: { options: { name: string; description: string }[] };
}

interface Section {
  title?: string;
  body: string;
}

/** Defines `--help`, and describes it and `--version`, in the given language. Call it after `version()`. */
export function defineHelp(cli: CommandLine, language: Language): void {
  const titles: Readonly<Record<string, string>> = {
    Usage: say(language, 'usage'),
    Commands: say(language, 'commands'),
    Options: say(language, 'options'),
    Examples: say(language, 'examples'),
  };
  cli.help((sections) =>
    sections
      .filter(({ title }) => title === undefined || title in titles)
      .map(({ title, body }) => ({
        ...(title !== undefined && { title: titles[title] ?? title }),
        // cac prints this after --no-watch, as if that were the default.
        body: body.replace(' (default: true)', ''),
      })),
  );
  const descriptions: Readonly<Record<string, string>> = {
    help: say(language, 'help'),
    version: say(language, 'version'),
  };
  for (const option of cli.globalCommand.options)
    option.description = descriptions[option.name] ?? option.description;
}

const say = sayIn(
  catalog({
    usage: { en: 'Usage', zh: '用法' },
    commands: { en: 'Commands', zh: '命令' },
    options: { en: 'Options', zh: '选项' },
    examples: { en: 'Examples', zh: '示例' },
    help: { en: 'Display this message', zh: '显示此帮助' },
    version: { en: 'Display version number', zh: '显示版本号' },
  }),
);
