import { catalog, sayIn } from '@pixdock/contract/messages/catalog';
import type { Language, Text } from '@pixdock/contract/messages/text';
import { MAX_PREFIXES, MAX_VARIANTS } from '@pixdock/contract/profile';

interface Field {
  field: string | null;
  problem: string;
}

interface UnknownField {
  name: string;
  meant: string | undefined;
}

/** Problems that a check of a schema has as its message. */
const checks = {
  'not-a-size': { en: 'is not a size such as 1MiB', zh: '不是 1MiB 这样的大小' },
  'not-an-aspect': { en: 'is not width:height, for example 16:9', zh: '不是“宽:高”，例如 16:9' },
  'not-a-color': { en: 'is not a color such as #ffffff', zh: '不是 #ffffff 这样的颜色' },
  'position-without-cover': {
    en: 'needs `fit: cover`, `width` and `height`',
    zh: '须同时有 `fit: cover`、`width` 和 `height`',
  },
  'not-a-prefix': {
    en: 'is not a prefix such as shop/avatars/: at most 100 lowercase letters, digits, "_", "." and "-", in segments separated by "/", none of them two hexadecimal digits, "." or "..", and the first not private',
    zh: '不是 shop/avatars/ 这样的前缀：小写字母、数字、“_”、“.”、“-”组成的若干段，以“/”分隔，共至多 100 个字符；任何一段都不能是两位十六进制数、“.”或“..”，首段不能是 private',
  },
  'too-many-prefixes': {
    en: `has more than ${MAX_PREFIXES} different prefixes`,
    zh: `不同的前缀超过 ${MAX_PREFIXES} 个`,
  },
  'no-main': {
    en: 'has no variant named main, which every profile needs',
    zh: '缺少每个 profile 都须有的变体 main',
  },
  'too-many-variants': {
    en: `has more than ${MAX_VARIANTS} variants`,
    zh: `变体超过 ${MAX_VARIANTS} 个`,
  },
} satisfies Record<string, Text>;

const isCheck = (message: string): message is keyof typeof checks => Object.hasOwn(checks, message);

/** The message of an issue: that of a check in this language, and any other unchanged. */
export function sayIssue(language: Language, message: string): string {
  return isCheck(message) ? checks[message][language] : message;
}

/** Problems of a value in a settings file. */
export const say = sayIn(
  catalog({
    'in-field': {
      en: ({ field, problem }: Field) => `${field ?? 'the file'}: ${problem}`,
      zh: ({ field, problem }) => `${field ?? '文件'}：${problem}`,
    },
    unreadable: {
      en: ({ reason }: { reason: string }) => `cannot be read: ${reason}`,
      zh: ({ reason }) => `无法读取：${reason}`,
    },
    missing: { en: 'is missing', zh: '缺失' },
    'unknown-field': {
      en: ({ fields }: { fields: readonly UnknownField[] }) =>
        `${fields.map(({ name, meant }) => name + (meant === undefined ? '' : ` (write ${meant})`)).join(', ')} is not a known field`,
      zh: ({ fields }) =>
        `${fields.map(({ name, meant }) => name + (meant === undefined ? '' : `（应为 ${meant}）`)).join('、')} 不是已知字段`,
    },
    'wrong-type': {
      en: ({ value, expected }: { value: string; expected: string }) =>
        `${value} is not ${TYPES[expected]?.en ?? expected}`,
      zh: ({ value, expected }) => `${value} 不是${TYPES[expected]?.zh ?? expected}`,
    },
    'not-an-option': {
      en: ({
        value,
        options,
        meant,
      }: {
        value: string;
        options: readonly string[];
        meant?: string | undefined;
      }) => `${value} is not one of ${options.join(', ')}${meant === undefined ? '' : `; write ${meant}`}`,
      zh: ({ value, options, meant }) =>
        `${value} 不是以下之一：${options.join('、')}${meant === undefined ? '' : `；应为 ${meant}`}`,
    },
    'too-small': {
      en: ({ value, min }: { value: string; min: string }) => `${value} is less than ${min}`,
      zh: ({ value, min }) => `${value} 小于 ${min}`,
    },
    'too-large': {
      en: ({ value, max }: { value: string; max: string }) => `${value} is more than ${max}`,
      zh: ({ value, max }) => `${value} 大于 ${max}`,
    },
    'not-a-name': {
      en: ({ value }: { value: string }) =>
        `${value} is not a name: a lowercase letter, then lowercase letters, digits and hyphens, 32 in all at most`,
      zh: ({ value }) =>
        `${value} 不是有效的名称：以小写字母开头，其后为小写字母、数字和连字符，共至多 32 个`,
    },
    invalid: {
      en: ({ value }: { value: string }) => `${value} is not valid`,
      zh: ({ value }) => `${value} 无效`,
    },
  }),
);

const TYPES: Readonly<Record<string, { en: string; zh: string }>> = {
  int: { en: 'a whole number', zh: '整数' },
  number: { en: 'a number', zh: '数字' },
  string: { en: 'text', zh: '文本' },
  boolean: { en: 'true or false', zh: ' true 或 false' },
  array: { en: 'a list', zh: '列表' },
  object: { en: 'an object', zh: '对象' },
  record: { en: 'an object', zh: '对象' },
};
