import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** The result of `pixdock-ops conformance`; the checks themselves are in English, so that transcripts can be compared. */
export const say = sayIn(
  catalog({
    difference: {
      en: ({ expected, observed }: { expected: string; observed: string }) =>
        `    local OSS:   ${expected}\n    this bucket: ${observed}`,
      zh: ({ expected, observed }) => `    本地 OSS：${expected}\n    此 Bucket：${observed}`,
    },
    left: {
      en: ({ keys }: { keys: readonly string[] }) =>
        `These objects could not be deleted; delete them by hand:\n  ${keys.join('\n  ')}`,
      zh: ({ keys }) => `以下对象未能删除，请手动删除：\n  ${keys.join('\n  ')}`,
    },
    result: {
      en: ({ checks, differences }: { checks: number; differences: number }) =>
        differences === 0
          ? `${checks} checks: this bucket does what the local OSS does.`
          : `${checks} checks, ${differences} ${differences === 1 ? 'difference' : 'differences'} from the local OSS. To report them, send the output of: pixdock-ops conformance --json`,
      zh: ({ checks, differences }) =>
        differences === 0
          ? `${checks} 项检查：此 Bucket 与本地 OSS 行为一致。`
          : `${checks} 项检查，与本地 OSS 有 ${differences} 处不同。反馈时请附上输出：pixdock-ops conformance --json`,
    },
  }),
);
