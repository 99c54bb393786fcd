import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Problems of the settings that only the worker reads. */
export const say = sayIn(
  catalog({
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
