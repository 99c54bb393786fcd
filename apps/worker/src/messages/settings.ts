import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Problems of the settings that only the worker reads. */
export const say = sayIn(
  catalog({
    'not-a-port': {
      en: ({ raw, max }: { raw: string; max: number }) => `"${raw}" is not a port from 1 to ${max}`,
      zh: ({ raw, max }) => `“${raw}”不是 1 到 ${max} 的端口`,
    },
    'not-a-port.fix': { en: 'list ports, for example 80,443', zh: '请列出端口，例如 80,443' },
    'not-a-host-with-port': {
      en: ({ raw }: { raw: string }) => `"${raw}" is not host:port`,
      zh: ({ raw }) => `“${raw}”不是“主机:端口”`,
    },
    'not-a-host-with-port.fix': {
      en: 'list hosts with their ports, for example images.intranet:8080,10.0.0.5:80,[fd00::5]:80',
      zh: '请列出主机及其端口，例如 images.intranet:8080,10.0.0.5:80,[fd00::5]:80',
    },
    'propagator-unusable': {
      en: ({ max }: { max: number }) => `is longer than ${max} characters or contains control characters`,
      zh: ({ max }) => `超过 ${max} 个字符，或含有控制字符`,
    },
    'propagator-unusable.fix': {
      en: 'write the name or the code of the party that publishes the images',
      zh: '请填写发布图片的主体的名称或编码',
    },
  }),
);
