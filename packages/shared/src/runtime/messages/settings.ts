import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

interface Fault {
  name: string;
  problem: string;
  fix: string;
}

/** Problems that every setting can have, and the error that lists all problems. */
export const say = sayIn(
  catalog({
    'invalid-settings': {
      en: ({ faults }: { faults: readonly Fault[] }) =>
        [
          'Pixdock cannot start with these settings:',
          ...faults.map(({ name, problem, fix }) => `  ${name}: ${problem}\n    fix: ${fix}`),
        ].join('\n'),
      zh: ({ faults }) =>
        [
          '设置有误，Pixdock 无法启动：',
          ...faults.map(({ name, problem, fix }) => `  ${name}：${problem}\n    处理方法：${fix}`),
        ].join('\n'),
    },
    'not-set': { en: 'is not set', zh: '未设置' },
    'not-an-integer': {
      en: ({ raw, min, max }: { raw: string; min: number; max: number }) =>
        `"${raw}" is not a whole number from ${min} to ${max}`,
      zh: ({ raw, min, max }) => `“${raw}”不是 ${min} 到 ${max} 的整数`,
    },
    'not-an-integer.fix': {
      en: ({ example }: { example: number }) => `for example ${example}`,
      zh: ({ example }) => `例如 ${example}`,
    },
    'not-a-size': {
      en: ({ raw }: { raw: string }) => `"${raw}" is not a size such as 20MiB or 10GiB`,
      zh: ({ raw }) => `“${raw}”不是大小，例如 20MiB 或 10GiB`,
    },
    'not-a-size.fix': {
      en: 'write a size such as 20MiB or 10GiB',
      zh: '请填写大小，例如 20MiB 或 10GiB',
    },
    'not-a-duration': {
      en: ({ raw }: { raw: string }) => `"${raw}" is not a duration such as 30d, 24h or 90s`,
      zh: ({ raw }) => `“${raw}”不是时长，例如 30d、24h 或 90s`,
    },
    'not-a-duration.fix': {
      en: 'write a duration such as 30d, 24h or 90s',
      zh: '请填写时长，例如 30d、24h 或 90s',
    },
    'not-a-choice': {
      en: ({ raw }: { raw: string }) => `"${raw}" is not known`,
      zh: ({ raw }) => `“${raw}”不是有效的取值`,
    },
    'not-a-choice.fix': {
      en: ({ choices }: { choices: readonly string[] }) => `one of ${choices.join(', ')}`,
      zh: ({ choices }) => `可选：${choices.join('、')}`,
    },
  }),
);
