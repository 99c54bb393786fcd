import { say } from '../messages/command-misuse.js';
import type { Language } from '../messages/text.js';
import { isSimilarName } from '../similar-name.js';

/** The parts of cac (7.1.0) that the check reads. */
interface Cli {
  args: readonly string[];
  options: Readonly<Record<string, unknown>>;
  globalCommand: { options: readonly Option[] };
  commands: readonly { name: string }[];
}

interface Command {
  rawName: string;
  args: readonly { required: boolean; variadic: boolean }[];
  options: readonly Option[];
  examples: readonly unknown[];
}

interface Option {
  /** In camel case. */
  name: string;
  /** As in the help: `--external-id <id>`. */
  rawName: string;
  required?: boolean | undefined;
}

/**
 * What is wrong with the options and the number of arguments of a command, with the right form; null if nothing is. Replaces
 * the checks of cac, which report in English only.
 */
export function findMisuse(cli: Cli, command: Command, language: Language): string | null {
  const problem = findProblem(cli, command, language);
  if (problem === null) return null;
  const [example] = command.examples;
  if (typeof example !== 'string') return problem;
  return `${problem} ${say(language, 'example', { example: example.replace(/^ *\$ |\s+#.*$/g, '') })}`;
}

function findProblem({ args, options, globalCommand }: Cli, command: Command, language: Language) {
  const defined = [...globalCommand.options, ...command.options];
  const unknown = Object.keys(options).find(
    (name) => name !== '--' && !defined.some((option) => namesOf(option).includes(name)),
  );
  if (unknown !== undefined) {
    const meant = defined.find(({ name }) => isSimilarName(name, unknown))?.rawName ?? null;
    const option = unknown.length > 1 ? `--${unknown}` : `-${unknown}`;
    return say(language, 'unknown-option', { option, meant });
  }
  const withoutValue = defined.find(({ name, required }) => required && typeof options[name] === 'boolean');
  if (withoutValue !== undefined)
    return say(language, 'missing-option-value', { option: withoutValue.rawName });
  if (args.length < command.args.filter(({ required }) => required).length)
    return say(language, 'missing-argument', { command: command.rawName });
  const extra = command.args.some(({ variadic }) => variadic) ? [] : args.slice(command.args.length);
  return extra.length === 0 ? null : say(language, 'extra-arguments', { args: extra });
}

/** `-o, --output <file>` is `o` and `output`. */
const namesOf = ({ name, rawName }: Option) => [
  name,
  ...[...rawName.matchAll(/(?:^|\s)-(\w)\b/g)].map(([, letter = '']) => letter),
];

/** Says that no command has this name, and which one is probably meant. */
export function sayUnknownCommand(
  { commands }: Pick<Cli, 'commands'>,
  name: string,
  language: Language,
): string {
  const meant = commands.find((command) => isSimilarName(command.name, name))?.name ?? null;
  return say(language, 'unknown-command', { name, meant });
}
