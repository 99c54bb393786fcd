import { catalog, sayIn } from './catalog.js';

interface Unknown {
  meant: string | null;
}

const orMeant = ({ meant }: Unknown) => ({
  en: meant === null ? '.' : `: did you mean \`${meant}\`?`,
  zh: meant === null ? '。' : `，是否应为 \`${meant}\`？`,
});

/** The help of a program, and what is wrong with the options and arguments of a command. */
export const say = sayIn(
  catalog({
    usage: { en: 'Usage', zh: '用法' },
    commands: { en: 'Commands', zh: '命令' },
    options: { en: 'Options', zh: '选项' },
    examples: { en: 'Examples', zh: '示例' },
    help: { en: 'Display this message', zh: '显示此帮助' },
    'unknown-command': {
      en: ({ name, meant }: Unknown & { name: string }) => `Unknown command: ${name}${orMeant({ meant }).en}`,
      zh: ({ name, meant }) => `未知命令：${name}${orMeant({ meant }).zh}`,
    },
    'unknown-option': {
      en: ({ option, meant }: Unknown & { option: string }) =>
        `Unknown option \`${option}\`${orMeant({ meant }).en}`,
      zh: ({ option, meant }) => `未知选项 \`${option}\`${orMeant({ meant }).zh}`,
    },
    'unknown-short-option': {
      en: ({ option }: { option: string }) =>
        `Unknown option \`${option}\`. Put a file name that begins with "-" after "--".`,
      zh: ({ option }) => `未知选项 \`${option}\`。名称以“-”开头的文件请放在“--”之后。`,
    },
    'missing-option-value': {
      en: ({ option }: { option: string }) => `The option \`${option}\` needs a value.`,
      zh: ({ option }) => `选项 \`${option}\` 缺少值。`,
    },
    'missing-argument': {
      en: ({ command }: { command: string }) => `The command \`${command}\` needs more arguments.`,
      zh: ({ command }) => `命令 \`${command}\` 缺少参数。`,
    },
    'extra-arguments': {
      en: ({ args }: { args: readonly string[] }) => `Unexpected arguments: ${quoted(args).join(', ')}.`,
      zh: ({ args }) => `多余的参数：${quoted(args).join('、')}。`,
    },
    example: {
      en: ({ example }: { example: string }) => `For example: ${example}`,
      zh: ({ example }) => `例如：${example}`,
    },
  }),
);

const quoted = (args: readonly string[]) => args.map((arg) => `\`${arg}\``);
