import { catalog } from './catalog.js';
import { list } from './values.js';

/** Problems of signed URLs. */
export const signingMessages = catalog({
  'sign-unpublished': {
    en: ({ status }: { status: string }) =>
      `The image is \`${status}\`, and only a published image has objects. Wait until it is published.`,
    zh: ({ status }) => `图片的状态是 ${status}，只有已发布的图片才有对象。请等待图片发布。`,
  },
  'sign-never-published': {
    en: ({ status }: { status: string }) =>
      `The image is \`${status}\`, and only a published image has objects. Its \`error\` says why and whether a retry can help.`,
    zh: ({ status }) =>
      `图片的状态是 ${status}，只有已发布的图片才有对象。原因以及重试是否可能成功，见图片的 error。`,
  },
  'no-such-variant': {
    en: ({ name, variants }: { name: string; variants: readonly string[] }) =>
      `The image has no variant "${name}". It has ${list.en(variants)}.`,
    zh: ({ name, variants }) => `图片没有变体“${name}”，现有 ${list.zh(variants)}。`,
  },
});
