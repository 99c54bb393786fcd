import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Faults of SOURCE_PORTS, SOURCE_ALLOW and WEBHOOK_ALLOW. */
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
  }),
);
