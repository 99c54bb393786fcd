import { say } from '../messages/command-line.js';
import type { Language, Text } from '../messages/text.js';
import { isSimilarName } from '../similar-name.js';

/** A program with commands, such as `pixdock`. */
export interface Program<Form extends string = string> {
  name: string;
  /** Those of all commands. */
  options: Options;
  /** Those without a command. */
  alone: Options;
  /** By name and arguments, as in the help: `status <id>`, `upload [...files]`. */
  commands: Readonly<Record<Form, Command>>;
  /** Commands that people look for here, by the program that has them. */
  related: Readonly<Record<string, readonly string[]>>;
}

/** A command and its help. */
interface Command extends Text {
  options?: Options;
  /** The first one follows each report of misuse. */
  examples: readonly (string | Text)[];
}

/** By form, as in the help: `-o, --output <file>`. An option takes a value in all commands or in none. */
type Options = Readonly<Record<string, Text>>;

/** The names of the commands. */
export type NameIn<P extends Program> = NameOf<keyof P['commands'] & string>;
type NameOf<Form extends string> = Form extends `${infer Name} ${string}` ? Name : Form;

/** The values of options, exactly as typed. */
export interface CommandLine {
  text: (name: string) => string | undefined;
  /** All values of an option that may be repeated. */
  all: (name: string) => readonly string[];
  flag: (name: string) => boolean;
}

/** A token of Node's `parseArgs`. */
interface Token {
  kind: string;
  name?: string;
  /** `-o` or `--output`. */
  rawName?: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

/** The settings of Node's `parseArgs`. It is not strict, because it would report misuse in English only. */
export function parsingOf(program: Program) {
  const all = [undefined, ...Object.keys(program.commands)].flatMap((form) => optionsOf(program, form, 'en'));
  const options = all.map(({ name, short, takesValue }) => {
    const type: 'string' | 'boolean' = takesValue ? 'string' : 'boolean';
    return [name, { type, ...(short !== undefined && { short }) }] as const;
  });
  const base = { strict: false, allowPositionals: true, tokens: true } as const;
  return { ...base, options: Object.fromEntries(options) };
}

/** Finds the command and its options, and what is wrong with them. */
export function readCommandLine<Form extends string>(
  program: Program<Form>,
  { positionals: [name, ...args], tokens }: { positionals: readonly string[]; tokens: readonly Token[] },
  language: Language,
) {
  const forms = Object.keys(program.commands) as Form[];
  const form = forms.find((one) => nameOf(one) === name);
  const given = tokens.filter((token) => token.kind === 'option');
  const all = (option: string) =>
    given.flatMap(({ name: one, rawName, value }) =>
      // `-o=FILE` has the value `=FILE`.
      one === option && value !== undefined ? [rawName === `--${one}` ? value : value.replace(/^=/, '')] : [],
    );
  const commandLine: CommandLine = {
    text: (option) => all(option).at(-1),
    all,
    flag: (option) => given.some((one) => one.name === option),
  };
  return {
    /** Undefined if none is named, or an unknown one. */
    command: form === undefined ? undefined : nameOf(form),
    args,
    commandLine,
    help: helpOf(program, form, language),
    /** Null if nothing is wrong. */
    misuse:
      form === undefined
        ? findUnknownCommand(program, name, language)
        : findMisuse(program, form, { args, given }, language),
  };
}

const nameOf = <Form extends string>(form: Form) => form.replace(/ .*/, '') as NameOf<Form>;

function findUnknownCommand(program: Program, name: string | undefined, language: Language): string | null {
  if (name === undefined) return null;
  const names = Object.keys(program.commands).map(nameOf);
  const [other] = Object.entries(program.related).find(([, commands]) => commands.includes(name)) ?? [];
  const elsewhere = other === undefined ? null : `${other} ${name}`;
  const meant = elsewhere ?? names.find((one) => isSimilarName(one, name)) ?? null;
  return `${say(language, 'unknown-command', { name, meant })}\n\n${helpOf(program, undefined, language)}`;
}

function findMisuse(
  program: Program,
  form: string,
  { args, given }: { args: readonly string[]; given: readonly Token[] },
  language: Language,
): string | null {
  const problem =
    findWrongOption(optionsOf(program, form, language), given, language) ??
    findWrongArguments(form, args, language);
  if (problem === null) return null;
  const [example = ''] = examplesOf(program, form, language);
  const right = say(language, 'example', { example: example.replace(/\s+#/, '  #') });
  return `${problem} ${right}\n${program.name} ${nameOf(form)} --help`;
}

function findWrongOption(
  known: ReturnType<typeof optionsOf>,
  given: readonly Token[],
  language: Language,
): string | null {
  for (const { name = '', rawName = '', value, inlineValue } of given) {
    const option = known.find((one) => one.name === name);
    if (option === undefined && rawName.length === 2)
      return say(language, 'unknown-short-option', { option: rawName });
    if (option === undefined || (!option.takesValue && value !== undefined)) {
      const meant = known.find((one) => isSimilarName(one.name, name))?.form ?? null;
      const typed = option === undefined ? rawName : `${rawName}=${value}`;
      return say(language, 'unknown-option', { option: typed, meant });
    }
    if (option.takesValue && (value === undefined || (inlineValue !== true && /^-./.test(value))))
      return say(language, 'missing-option-value', { option: option.form });
  }
  return null;
}

function findWrongArguments(form: string, args: readonly string[], language: Language): string | null {
  const [, ...wanted] = form.split(' ');
  if (args.length < wanted.filter((one) => one.startsWith('<')).length)
    return say(language, 'missing-argument', { command: form });
  const extra = form.includes('...') ? [] : args.slice(wanted.length);
  return extra.length === 0 ? null : say(language, 'extra-arguments', { args: extra });
}

/** The help of a command, or of the program without one. */
function helpOf(program: Program, form: string | undefined, language: Language): string {
  const commands = Object.entries(program.commands);
  const sections = [
    ['usage', [`$ ${program.name} ${form ?? '<command>'} [options]`]],
    ['commands', form === undefined ? aligned(commands.map(([one, text]) => [one, text[language]])) : []],
    ['options', aligned(optionsOf(program, form, language).map((option) => [option.form, option.help]))],
    ['examples', examplesOf(program, form, language).map((example) => `$ ${example}`)],
  ] as const;
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [`${say(language, title)}:`, ...lines].join('\n  '))
    .join('\n\n');
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([form]) => form.length));
  return rows.map(([form, help]) => `${form.padEnd(width)}  ${help}`);
}

function examplesOf({ commands }: Program, form: string | undefined, language: Language): string[] {
  const examples = commands[form ?? '']?.examples ?? [];
  return examples.map((example) => (typeof example === 'string' ? example : example[language]));
}

/** The options of a command, or of the program without one. */
function optionsOf({ alone, options, commands }: Program, form: string | undefined, language: Language) {
  const own = form === undefined ? alone : commands[form]?.options;
  const all = { ...own, '-h, --help': HELP, ...options };
  return Object.entries(all).map(([one, text]) => {
    const [, short, name = '', value] = /^(?:-(\w), )?--([\w-]+)( <.*)?$/.exec(one) ?? [];
    return { form: one, help: text[language], name, short, takesValue: value !== undefined };
  });
}

const HELP = { en: say('en', 'help'), zh: say('zh', 'help') };
