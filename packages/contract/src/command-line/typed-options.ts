/** The options and arguments of a command. */
export interface CommandLine {
  /** The value of `--name VALUE` or `--name=VALUE`, exactly as typed. */
  text(name: string): string | undefined;
  /** All values of an option that may be repeated. */
  all(name: string): readonly string[];
  flag(name: string): boolean;
  /** The arguments after `--`. */
  rest: readonly string[];
}

const ALIASES: Readonly<Record<string, string>> = { output: '-o' };

/** Returns options exactly as typed. cac parses numeric values, so a key of digits would lose its leading zeros. */
export function createCommandLine(
  args: readonly string[],
  parsed: Readonly<Record<string, unknown>>,
): CommandLine {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  function all(name: string): string[] {
    if (parsed[camelCase(name)] === undefined) return [];
    const forms = [`--${name}`, ALIASES[name] ?? `--${name}`];
    return options.flatMap((arg, at) => {
      if (!forms.some((form) => arg === form || arg.startsWith(`${form}=`))) return [];
      return arg.includes('=') ? [arg.slice(arg.indexOf('=') + 1)] : options.slice(at + 1, at + 2);
    });
  }
  return {
    text: (name) => all(name).at(-1),
    all,
    flag: (name) => parsed[name] === true,
    rest: end === -1 ? [] : args.slice(end + 1),
  };
}

/** The name of an option in cac. */
const camelCase = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
