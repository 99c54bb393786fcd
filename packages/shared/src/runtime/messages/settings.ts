import { catalog, sayIn } from '@pixdock/contract/messages/catalog';
import { size } from '@pixdock/contract/messages/values';

interface Fault {
  name: string;
  problem: string;
  fix: string;
}

interface Unencoded {
  characters: readonly string[];
}

interface StagingSizes {
  max: number;
  upload: number;
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
          '配置有误，Pixdock 无法启动：',
          ...faults.map(({ name, problem, fix }) => `  ${name}：${problem}\n    处理方法：${fix}`),
        ].join('\n'),
    },
    'not-set': { en: 'is not set', zh: '未设置' },
    mistyped: { en: 'is not a setting', zh: '不是配置项' },
    'mistyped.fix': {
      en: ({ meant }: { meant: string }) => `rename it to ${meant}`,
      zh: ({ meant }) => `请改名为 ${meant}`,
    },
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
      zh: ({ raw }) => `“${raw}”不是有效的大小`,
    },
    'not-a-size.fix': {
      en: 'write a size such as 20MiB or 10GiB',
      zh: '请填写大小，例如 20MiB 或 10GiB',
    },
    'not-a-duration': {
      en: ({ raw }: { raw: string }) => `"${raw}" is not a duration such as 30d, 24h or 90s`,
      zh: ({ raw }) => `“${raw}”不是有效的时长`,
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

    'formats-unknown': {
      en: ({ names }: { names: readonly string[] }) => `${names.join(', ') || 'nothing'} cannot be accepted`,
      zh: ({ names }) => `无法接受：${names.join('、') || '（空）'}`,
    },
    'formats-unknown.fix': {
      en: ({ formats }: { formats: readonly string[] }) =>
        `some of ${formats.join(', ')}; HEIC_DECODER adds heic`,
      zh: ({ formats }) => `可选（可多选）：${formats.join('、')}；heic 由 HEIC_DECODER 启用`,
    },
    'not-a-command': {
      en: ({ raw }: { raw: string }) => `"${raw}" is neither the absolute path of a command nor wasm`,
      zh: ({ raw }) => `“${raw}”既不是命令的绝对路径，也不是 wasm`,
    },
    'not-a-command.fix': {
      en: 'run `apt-get install libheif-examples` and write /usr/bin/heif-dec, or write wasm',
      zh: '请执行 `apt-get install libheif-examples`，并填写 /usr/bin/heif-dec，或填写 wasm',
    },
    'staging-too-small': {
      en: ({ max, upload }: StagingSizes) =>
        `${size.en(max)} cannot hold one upload of MAX_UPLOAD_BYTES (${size.en(upload)})`,
      zh: ({ max, upload }) => `${size.zh(max)} 容不下一个 MAX_UPLOAD_BYTES（${size.zh(upload)}）大小的上传`,
    },
    'staging-too-small.fix': {
      en: ({ upload }: StagingSizes) =>
        `set at least ${size.en(upload)}, better many times that, or lower MAX_UPLOAD_BYTES`,
      zh: ({ upload }) => `请至少设为 ${size.zh(upload)}（最好大很多倍），或调低 MAX_UPLOAD_BYTES`,
    },
    'redis-url.fix': {
      en: 'for example redis://127.0.0.1:6379, or start with `npm start`',
      zh: '例如 redis://127.0.0.1:6379，或用 `npm start` 启动',
    },
    'redis-url-malformed': {
      en: ({ characters }: Unencoded) =>
        characters.length === 0
          ? 'is not a Redis address'
          : `has a password with ${characters.join(' ')}, which has another meaning in an address`,
      zh: ({ characters }) =>
        characters.length === 0 ? '不是 Redis 地址' : `密码含有 ${characters.join(' ')}，在地址中另有含义`,
    },
    'redis-url-malformed.fix': {
      en: ({ characters }: Unencoded) =>
        characters.length === 0
          ? 'write redis://, rediss://, redis-sentinel:// or redis-cluster://; in a password, write @ as %40, / as %2F, # as %23 and % as %25'
          : `percent-encode it: write ${characters.map((one) => `${one} as ${encodeURIComponent(one)}`).join(' and ')}`,
      zh: ({ characters }) =>
        characters.length === 0
          ? '请使用 redis://、rediss://、redis-sentinel:// 或 redis-cluster://；密码中的 @ 写作 %40，/ 写作 %2F，# 写作 %23，% 写作 %25'
          : `请做百分号编码：${characters.map((one) => `${one} 写作 ${encodeURIComponent(one)}`).join('，')}`,
    },
    'redis-prefix': {
      en: ({ prefix }: { prefix: string }) => `"${prefix}" has no hash tag`,
      zh: ({ prefix }) => `“${prefix}”没有 hash tag`,
    },
    'redis-prefix.fix': {
      en: 'write it in braces, for example {pixdock}',
      zh: '请用花括号括起，例如 {pixdock}',
    },
    'profiles-file.fix': {
      en: 'a JSON or YAML object of profiles by name, as in the README',
      zh: '应为以名称为键的处理方案对象（JSON 或 YAML），见 README',
    },
  }),
);
