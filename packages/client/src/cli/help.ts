import type { CAC } from 'cac';
import type { Say } from '../messages/cli.js';

/** Defines `--help` and `--version` in the language of `say`. */
export function defineHelp(cli: CAC, version: string, say: Say): void {
  const titles: Record<string, string> = {
    Usage: say('help.usage'),
    Commands: say('help.commands'),
    Options: say('help.options'),
    Examples: say('help.examples'),
  };
  cli.version(version);
  cli.help((sections) =>
    sections
      .filter(({ title }) => title === undefined || title in titles)
      .map(({ title, body }) => ({
        ...(title !== undefined && { title: titles[title] ?? title }),
        // cac prints this after --no-watch, as if that were the default.
        body: body.replace(' (default: true)', ''),
      })),
  );
  const descriptions: Record<string, string> = { help: say('help.help'), version: say('help.version') };
  for (const option of cli.globalCommand.options)
    option.description = descriptions[option.name] ?? option.description;
}
