import { catalog, sayIn } from '@pixdock/contract/messages/catalog';
import { grouped } from '@pixdock/contract/messages/values';

interface Group {
  owner: string;
  count: number;
  code: string;
  host: string | null;
  firstAt: string;
  lastAt: string;
  exampleId: string;
}

const place = (host: string | null) => (host === null ? '' : `  ${host}`);

/** `pixdock-ops failures`. */
export const say = sayIn(
  catalog({
    none: { en: 'No image has failed.', zh: '没有失败的图片。' },
    group: {
      en: ({ owner, count, code, host, firstAt, lastAt, exampleId }: Group) =>
        `${owner}  ${grouped(count)}  ${code}${place(host)}  ${firstAt} to ${lastAt}  ${exampleId}`,
      zh: ({ owner, count, code, host, firstAt, lastAt, exampleId }) =>
        `${owner}  ${grouped(count)}  ${code}${place(host)}  ${firstAt} 至 ${lastAt}  ${exampleId}`,
    },
    more: {
      en: ({ owner }: { owner: string }) => `${owner}  more: pixdock-ops failures --owner ${owner}`,
      zh: ({ owner }) => `${owner}  更多：pixdock-ops failures --owner ${owner}`,
    },
  }),
);
