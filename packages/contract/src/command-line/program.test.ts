import { parseArgs } from 'node:util';
import { expect, it } from 'vitest';
import { type Program, parsingOf, readCommandLine } from './program.js';

const help = { en: 'help', zh: '帮助' };
const program = {
  name: 'program',
  alone: { '--version': help },
  options: { '--key <key>': help, '-q, --quiet': help },
  related: { 'program-ops': ['start'] },
  commands: {
    'send <file> [more]': { ...help, options: { '-o, --output <file>': help }, examples: ['program send a'] },
  },
} satisfies Program;

const read = (line: string) =>
  readCommandLine(program, parseArgs({ args: line.split(' '), ...parsingOf(program) }), 'en');

it.each(['-o 007', '-o007', '-o=007', '-qo007', '--output 007', '--output=007'])(
  'returns values exactly as typed in %s',
  (option) => {
    const { command, args, commandLine, misuse } = read(`--key 1e3 send --key=0=1 ${option} -- -x --key`);
    expect([command, args, misuse]).toEqual(['send', ['-x', '--key'], null]);
    expect(commandLine.all('key')).toEqual(['1e3', '0=1']);
    expect([commandLine.text('key'), commandLine.text('output')]).toEqual(['0=1', '007']);
    expect([commandLine.flag('output'), commandLine.flag('o')]).toEqual([true, false]);
  },
);

it.each([
  ['send a --version', 'Unknown option `--version`.'],
  ['send a --quite', 'Unknown option `--quite`: did you mean `-q, --quiet`?'],
  ['send a -q=1', 'Unknown option `-=`. Put'],
  ['send a --quiet=1', 'Unknown option `--quiet=1`: did you mean `-q, --quiet`?'],
  ['send a -o -q', 'The option `-o, --output <file>` needs a value.'],
  ['send a -o', 'The option `-o, --output <file>` needs a value.'],
  ['send', 'The command `send <file> [more]` needs more arguments.'],
  ['send a b c', 'Unexpected arguments: `c`.'],
  ['sent a', 'Unknown command: sent: did you mean `send`?'],
  ['start', 'Unknown command: start: did you mean `program-ops start`?'],
  ['stop', 'Unknown command: stop.'],
])('reports the misuse in %s', (line, problem) => {
  expect(read(line).misuse).toContain(problem);
});
