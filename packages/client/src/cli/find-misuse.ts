import type { CAC } from 'cac';
import type { Say } from '../messages/cli.js';

type MatchedCommand = NonNullable<CAC['matchedCommand']>;

/** What is wrong with the arguments of the command, or null. Replaces the checks of cac (7.1.0), which report in English only. */
export function findMisuse(cli: CAC, command: MatchedCommand, say: Say): string | null {
  const { args, options, globalCommand } = cli;
  const unknown = Object.keys(options).find(
    (name) => name !== '--' && !command.hasOption(name) && !globalCommand.hasOption(name),
  );
  if (unknown !== undefined)
    return say('unknown-option', { option: unknown.length > 1 ? `--${unknown}` : `-${unknown}` });
  const defined = [...globalCommand.options, ...command.options];
  const withoutValue = defined.find(({ name, required }) => required && typeof options[name] === 'boolean');
  if (withoutValue !== undefined) return say('missing-option-value', { option: withoutValue.rawName });
  if (args.length < command.args.filter(({ required }) => required).length)
    return say('missing-argument', { command: command.rawName });
  const extra = command.args.some(({ variadic }) => variadic) ? [] : args.slice(command.args.length);
  return extra.length === 0 ? null : say('extra-arguments', { args: extra.map((arg) => `\`${arg}\``) });
}
