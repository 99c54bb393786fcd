import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

interface About {
  day: string;
  region: string;
  versions: readonly string[];
  isOwnBucket: boolean;
  addressing: string;
}

/** The report of `pixdock-ops conformance --full`, in Markdown. */
export const say = sayIn(
  catalog({
    title: {
      en: ({ day }: { day: string }) => `### Run on Alibaba Cloud OSS on ${day}`,
      zh: ({ day }) => `### ${day}在阿里云 OSS 上的运行结果`,
    },
    rehearsal: {
      en: ({ day }: { day: string }) => `### Rehearsal against a local OSS on ${day}, not Alibaba Cloud`,
      zh: ({ day }) => `### ${day}在本地 OSS 上的演练，不是阿里云`,
    },
    about: {
      en: ({ region, versions, isOwnBucket, addressing }: About) =>
        `\`npm run real-oss\` in ${region}, ${isOwnBucket ? 'with a bucket made for it' : 'in a bucket that was there'}, addressing \`${addressing}\`; ${versions.join(', ')}.`,
      zh: ({ region, versions, isOwnBucket, addressing }) =>
        `\`npm run real-oss\`，地域 ${region}，${isOwnBucket ? '为此新建的 Bucket' : '原有的 Bucket'}，寻址方式 \`${addressing}\`；${versions.join('，')}。`,
    },
    timings: {
      en: ({ put, head }: { put: string; head: string }) =>
        `One put of 100 KiB took ${put}, one HEAD ${head} (median, 95th percentile).`,
      zh: ({ put, head }) =>
        `写入一个 100 KiB 的对象耗时 ${put}，一次 HEAD 耗时 ${head}（中位数、第 95 百分位）。`,
    },
    heading: { en: '| checked | result |', zh: '| 检查内容 | 结果 |' },
    passed: {
      en: ({ count }: { count: number }) => `${count} passed`,
      zh: ({ count }) => `通过 ${count} 项`,
    },
    differs: {
      en: ({ name, expected, observed }: { name: string; expected: string; observed: string }) =>
        `**differs**: ${name}: expected \`${expected}\`, got \`${observed}\``,
      zh: ({ name, expected, observed }) => `**不同**：${name}：预期 \`${expected}\`，实际 \`${observed}\``,
    },
    unchecked: {
      en: ({ count, reason }: { count: number; reason: string }) => `${count} cannot be checked: ${reason}`,
      zh: ({ count, reason }) => `${count} 项无法检查：${reason}`,
    },
    between: { en: '; ', zh: '；' },

    storing: { en: 'Put, ETag, Content-MD5, HEAD', zh: '写入、ETag、Content-MD5、HEAD' },
    overwriting: {
      en: 'Forbid-overwrite, 20 puts of one key at once',
      zh: '禁止覆盖，同一对象名的 20 次并发写入',
    },
    metadata: { en: 'Metadata up to 8 KiB', zh: '8 KiB 以内的元数据' },
    listing: { en: 'Listing right after a put, pages, encoding', zh: '写入后立即列举、分页、编码' },
    deleting: { en: 'Deletion', zh: '删除' },
    errors: { en: 'Error codes and their EC', zh: '错误码及其 EC' },
    clock: { en: 'Clock off by 16 minutes', zh: '时钟偏差 16 分钟' },
    'temporary-keys': { en: 'STS and roles', zh: 'STS 与角色' },
    'public-reads': {
      en: 'Block Public Access, public reads, forced download',
      zh: '阻止公共访问、公共读、强制下载',
    },
    cors: { en: 'CORS', zh: '跨域（CORS）' },
    'own-domain': { en: "A domain of one's own", zh: '自定义域名' },
    pictures: { en: 'Pictures through API, queue and worker', zh: '经 API、队列和 worker 处理的图片' },
  }),
);
