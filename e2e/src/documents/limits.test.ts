import { expect, test, vi } from 'vitest';
import { minimumRateWithin } from '../../../apps/api/src/body/minimum-rate.js';
import { DEFAULT_LIMITS } from '../../../apps/api/src/limits/settings.js';
import { SOURCE_LIMITS } from '../../../apps/worker/src/fetch/limits.js';
import { nextDelayMs } from '../../../apps/worker/src/webhooks/schedule.js';
import { listSources, readText } from './checkout.js';
import { flatText, tableBelow } from './markdown.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

test.each([
  ['docs/operations.md', /^Limits per owner/],
  ['docs/operations.zh-CN.md', /^每个租户的限额/],
] as const)('%s lists the limits of an owner with their defaults', (page, heading) => {
  const rows = tableBelow(readText(page), heading);
  const documented = rows.map(([name = '', value = '']) => [
    name.replaceAll('`', ''),
    Number(value.replaceAll(',', '')),
  ]);
  expect(Object.fromEntries(documented)).toEqual(DEFAULT_LIMITS);
});

test.each(['docs/batches.md', 'docs/batches.zh-CN.md'])('%s has the time limits of a fetch', (page) => {
  const row = readText(page)
    .split('\n')
    .find((line) => line.includes('`source_timeout`'));
  const { connectMs, headersMs, idleMs, totalMs } = SOURCE_LIMITS;
  const documented = [...(row ?? '').matchAll(/(\d+) (?:s|秒)/g)].map(
    ([, seconds]) => 1000 * Number(seconds),
  );
  expect(documented).toEqual([connectMs, headersMs, idleMs, totalMs]);
});

test.each([
  [
    'docs/operations.md',
    /at ([\d.]+) KiB\/s on average over (\d+) seconds, after (\d+) seconds .* within (\d+) minutes/,
  ],
  [
    'docs/operations.zh-CN.md',
    /在 (\d+) 秒宽限之后，(\d+) 秒内平均速度须达到 ([\d.]+) KiB\/s，并在 (\d+) 分钟内完成/,
  ],
])('%s has the slowest body that the API accepts', (page, sentence) => {
  const documented = sentence.exec(flatText(page))?.slice(1).map(Number);
  const { minBytesPerSecond, windowMs, graceMs, longestMs } = minimumRateWithin(undefined);
  const values = [minBytesPerSecond / 1024, windowMs / 1000, graceMs / 1000, longestMs / MINUTE_MS];
  expect(documented?.toSorted(ascending)).toEqual(values.toSorted(ascending));
});

test.each([
  ['docs/webhooks.md', 'after 5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours'],
  ['docs/webhooks.zh-CN.md', '间隔依次为 5 秒、5 分钟、30 分钟、2、5、10、14、20、24 小时'],
])('%s has the delays between the attempts at a delivery', (page, sentence) => {
  expect(flatText(page)).toContain(sentence);
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const delays = Array.from({ length: 10 }, (_, i) => nextDelayMs(i + 1, null));
  random.mockRestore();
  const hours = [2, 5, 10, 14, 20, 24].map((count) => count * HOUR_MS);
  expect(delays).toEqual([5000, 5 * MINUTE_MS, 30 * MINUTE_MS, ...hours, null]);
});

/** Constants in the sources, and the sentences that contain their values. */
const SENTENCES: [folder: string, constant: string, page: string, sentence: (value: number) => string][] = [
  ['apps/worker/src/batch', 'WINDOW', 'docs/batches.md', (n) => `at most ${n} active items`],
  ['apps/worker/src/batch', 'WINDOW', 'docs/batches.zh-CN.md', (n) => `合计至多 ${n} 个`],
  ['apps/worker', 'PER_HOST', 'docs/batches.md', (n) => `at most ${n} of them from one host`],
  ['apps/worker', 'PER_HOST', 'docs/batches.zh-CN.md', (n) => `同一主机至多 ${n} 个`],
  ['apps/worker', 'FETCHES_PER_HOST', 'docs/batches.md', (n) => `at most ${n} concurrent requests`],
  ['apps/worker', 'FETCHES_PER_HOST', 'docs/batches.zh-CN.md', (n) => `至多 ${n} 个并发请求`],
  ['apps/worker', 'MAX_FETCHES', 'docs/batches.md', (n) => `up to ${n} attempts`],
  ['apps/worker', 'MAX_FETCHES', 'docs/batches.zh-CN.md', (n) => `至多 ${n} 次`],
  ['packages', 'MAX_ROW_ITEMS', 'docs/batches.md', (n) => `at most ${n} URLs`],
  ['packages', 'MAX_ROW_ITEMS', 'docs/batches.zh-CN.md', (n) => `每行最多 ${n} 个 URL`],
  ['apps/api', 'MAX_COLUMNS', 'docs/batches.md', (n) => `a file has at most ${thousands(n)}`],
  ['apps/api', 'MAX_COLUMNS', 'docs/batches.zh-CN.md', (n) => `一个文件最多 ${thousands(n)} 列`],
  ['apps/api', 'MAX_BLANK_ROWS', 'docs/batches.md', (n) => `${thousands(n)} blank rows`],
  ['apps/api', 'MAX_BLANK_ROWS', 'docs/batches.zh-CN.md', (n) => `空行最多 ${thousands(n)} 行`],
  ['apps/api', 'MAX_GROWTH', 'docs/batches.md', (n) => `at most ${n} times the body`],
  ['apps/api', 'MAX_GROWTH', 'docs/batches.zh-CN.md', (n) => `请求体的 ${n} 倍`],
  ['packages', 'MAX_HEADER_SETS', 'docs/batches.md', (n) => `${thousands(n)} different sets`],
  ['packages', 'MAX_HEADER_SETS', 'docs/batches.zh-CN.md', (n) => `${thousands(n)} 组`],
  ['packages', 'MAX_HEADER_BYTES', 'docs/batches.md', (n) => `with ${n / 1024} KiB together`],
  ['packages', 'MAX_HEADER_BYTES', 'docs/batches.zh-CN.md', (n) => `合计 ${n / 1024} KiB`],
  ['apps/worker', 'FAILED_SOURCE_MS', 'docs/batches.md', (n) => `for ${n / HOUR_MS} hours after the batch`],
  ['apps/worker', 'FAILED_SOURCE_MS', 'docs/operations.md', (n) => `for \`retry\` for ${n / HOUR_MS} hours`],
  ['apps/worker', 'FAILED_SOURCE_MS', 'docs/operations.zh-CN.md', (n) => `保留原图 ${n / HOUR_MS} 小时`],
  ['apps/worker', 'BUDGET_MS', 'docs/operations.md', (n) => `for up to ${n / 1000} s, the sweep`],
  ['apps/worker', 'BUDGET_MS', 'docs/operations.zh-CN.md', (n) => `最多 ${n / 1000} 秒清除`],
  ['apps/worker', 'IMAGES_PER_LANE', 'README.md', (n) => `${numeral(n)} times as many are in progress`],
  ['apps/worker', 'MAX_RSS_BYTES', 'docs/operations.md', (n) => `killed above ${n / 1024 ** 3} GiB`],
  ['apps/worker', 'MAX_RSS_BYTES', 'docs/operations.zh-CN.md', (n) => `超过 ${n / 1024 ** 3} GiB`],
  ['apps/worker', 'MAX_DEATHS', 'docs/operations.md', (n) => `in progress during ${numeral(n)} crashes`],
  ['apps/worker', 'SUSPECT_DEATHS', 'docs/operations.md', (n) => `After ${numeral(n)}, a worker`],
  ['apps/worker', 'RECALL_AFTER_MS', 'docs/operations.md', (n) => `waited for ${numeral(n / 1000)} seconds`],
  ['apps/worker', 'YIELD_MS', 'docs/operations.md', (n) => `to others for ${numeral(n / 1000)} seconds`],
  ['apps/worker', 'DRAIN_MS', 'docs/operations.md', (n) => `| taking jobs | ${n / 1000} s`],
  ['apps/worker', 'DRAIN_MS', 'docs/operations.zh-CN.md', (n) => `| 不再领取任务 | ${n / 1000} 秒`],
  ['apps/api', 'DRAIN_MS', 'docs/operations.md', (n) => `| accepting | ${n / 1000} s`],
  ['apps/api', 'DRAIN_MS', 'docs/operations.zh-CN.md', (n) => `| 不再接受连接 | ${n / 1000} 秒`],
  ['apps/api', 'WRITES_OF_OWNER', 'docs/operations.md', (n) => `synced to disk | ${n} at a time`],
  ['apps/api', 'WRITES_OF_OWNER', 'docs/operations.zh-CN.md', (n) => `同步到磁盘的提交 | 同时 ${n} 个`],
  ['packages/shared', 'STOP_MS', 'docs/reliability.md', (n) => `is forced after ${n / 1000} s`],
  ['packages/shared', 'EXIT_CONFIG', 'docs/operations.md', (n) => `(exit code ${n})`],
  ['packages/shared', 'EXIT_CONFIG', 'docs/operations.zh-CN.md', (n) => `（退出码 ${n}）`],
  ['packages/contract', 'MAX_WEBHOOK_ENDPOINTS', 'docs/webhooks.md', (n) => `at most ${n} endpoints`],
  ['packages/contract', 'MAX_WEBHOOK_ENDPOINTS', 'docs/webhooks.zh-CN.md', (n) => `最多 ${n} 个端点`],
  ['packages/shared', 'KEPT_MS', 'CHANGELOG.md', (n) => `within ${n / HOUR_MS} hours`],
  ['apps/ops', 'DEFAULT_RATE', 'docs/operations.md', (n) => `reads ${thousands(n)} objects per second`],
  ['apps/ops', 'DEFAULT_RATE', 'docs/operations.zh-CN.md', (n) => `每秒读取 ${thousands(n)} 个对象`],
  ['apps/api', 'MAX_CONNECTIONS', 'docs/reliability.md', (n) => `limit of ${thousands(n)} connections`],
  ['apps/api', 'MAX_WAIT_SECONDS', 'README.md', (n) => `(at most ${n})`],
  ['apps/api', 'MAX_WAIT_SECONDS', 'README.zh-CN.md', (n) => `（最多 ${n}）`],
  [
    'apps/api/src/uploads/direct-upload',
    'DIRECT_LIFETIME_MS',
    'docs/direct-uploads.md',
    (n) => `within ${n / HOUR_MS} hour after its form`,
  ],
  [
    'apps/api/src/uploads/direct-upload',
    'DIRECT_LIFETIME_MS',
    'docs/direct-uploads.zh-CN.md',
    (n) => `表单签发后 ${n / HOUR_MS} 小时内`,
  ],
  [
    'packages/object-store',
    'FORM_SECONDS',
    'docs/direct-uploads.md',
    (n) => `accepts a form for ${n / 60} minutes`,
  ],
  [
    'packages/object-store',
    'FORM_SECONDS',
    'docs/direct-uploads.zh-CN.md',
    (n) => `OSS 在 ${n / 60} 分钟内接受`,
  ],
  [
    'apps/api/src/uploads/start-upload',
    'LIFETIME_MS',
    'docs/uploads.md',
    (n) => `ends ${n / HOUR_MS} hours after its creation`,
  ],
  [
    'apps/api/src/uploads/start-upload',
    'LIFETIME_MS',
    'docs/uploads.zh-CN.md',
    (n) => `创建 ${n / HOUR_MS} 小时后结束`,
  ],
  [
    'apps/api/src/limits/resumable',
    'MOST',
    'docs/operations.md',
    (n) => `at most ${thousands(n)} unfinished`,
  ],
  [
    'apps/api/src/limits/resumable',
    'MOST',
    'docs/operations.zh-CN.md',
    (n) => `最多有 ${thousands(n)} 个未完成的断点`,
  ],
  [
    'apps/worker',
    'ABANDONED_MS',
    'docs/operations.md',
    (n) => `no byte for ${numeral(n / MINUTE_MS)} minutes`,
  ],
  [
    'apps/worker',
    'ABANDONED_MS',
    'docs/operations.zh-CN.md',
    (n) => `${chinese(n / MINUTE_MS)}分钟没有新字节`,
  ],
  [
    'packages/shared',
    'MAX_DELIVERY_BYTES',
    'docs/webhooks.md',
    (n) => `at most about ${n / 1024 ** 2} MiB of Redis`,
  ],
  [
    'packages/shared',
    'MAX_DELIVERY_BYTES',
    'docs/webhooks.zh-CN.md',
    (n) => `最多约占 Redis ${n / 1024 ** 2} MiB`,
  ],
  ['packages/shared', 'OVERLAP_MS', 'docs/webhooks.md', (n) => `For ${n / HOUR_MS} hours, until`],
  ['packages/shared', 'OVERLAP_MS', 'docs/webhooks.zh-CN.md', (n) => `在 ${n / HOUR_MS} 小时内（直到`],
  [
    'packages/shared',
    'DELIVERED_KEPT_MS',
    'docs/webhooks.md',
    (n) => `deliveries are listed for ${n === DAY_MS && 'a day'}`,
  ],
  [
    'packages/shared',
    'DELIVERED_KEPT_MS',
    'docs/webhooks.zh-CN.md',
    (n) => `成功的投递保留${chinese(n / DAY_MS)}天`,
  ],
  [
    'packages/shared',
    'FAILED_KEPT_MS',
    'docs/webhooks.md',
    (n) => `all others for ${numeral(n / DAY_MS)} days`,
  ],
  ['packages/shared', 'FAILED_KEPT_MS', 'docs/webhooks.zh-CN.md', (n) => `其余保留${chinese(n / DAY_MS)}天`],
  ['apps/api/src/streams', 'COMMENT_MS', 'docs/streams.md', (n) => `a comment every ${n / 1000} seconds`],
  ['apps/api/src/streams', 'COMMENT_MS', 'docs/streams.zh-CN.md', (n) => `每 ${n / 1000} 秒发送一行注释`],
  [
    'apps/api/src/streams',
    'LIFE_MS',
    'docs/streams.md',
    (n) => `lives for ${numeral(n / MINUTE_MS)} minutes`,
  ],
  [
    'apps/api/src/streams',
    'LIFE_MS',
    'docs/streams.zh-CN.md',
    (n) => `一个流最长${chinese(n / MINUTE_MS)}分钟`,
  ],
  ['packages/client', 'SILENCE_MS', 'docs/streams.md', (n) => `after ${n / 1000} seconds of silence`],
  ['packages/client', 'SILENCE_MS', 'docs/streams.zh-CN.md', (n) => `把 ${n / 1000} 秒没有数据`],
  [
    'apps/api/src/keys/sign-in-links',
    'LIFETIME_MS',
    'docs/console.md',
    (n) => `within ${n === MINUTE_MS && 'a minute'}`,
  ],
  ['apps/worker', 'MAX_LABEL_BYTES', 'docs/ai-labels.md', (n) => `longer than ${n / 1024} KiB`],
  ['apps/worker', 'MAX_LABEL_BYTES', 'docs/ai-labels.zh-CN.md', (n) => `超过 ${n / 1024} KiB`],
  ['packages/client', 'DEFAULT_RETRIES', 'docs/client.md', (n) => `${numeral(n)} times by default`],
  [
    'packages/client',
    'LONGEST_BUSY_MS',
    'docs/client.md',
    (n) => `waits up to ${numeral(n / MINUTE_MS)} minutes`,
  ],
];

test.each(SENTENCES)('the %s constant %s has its value in %s', (folder, constant, page, sentence) => {
  const values = valuesOf(folder, constant);
  expect(values).toHaveLength(1);
  const expected = sentence(values[0] ?? Number.NaN);
  expect(flatText(page).includes(expected), `${page}: ${expected}`).toBe(true);
});

test('sets the threads for files that the limits need in the images', () => {
  const stages = readText('Dockerfile').split(/^FROM /m);
  expect(stages.find((stage) => /^.* AS runtime\n/.test(stage))).toContain('UV_THREADPOOL_SIZE=16');
});

test.each(['README.md', 'README.zh-CN.md'])('%s sets the threads for files of API and worker', (page) => {
  const [commands = ''] = readText(page).match(/^export [\s\S]*?^```$/m) ?? [];
  expect(commands).toMatch(/^export UV_THREADPOOL_SIZE=16 [\s\S]*apps\/api[\s\S]*apps\/worker/);
});

const UNITS: Record<string, number> = { MIB: 1024 ** 2, GIB: 1024 ** 3 };

function valuesOf(folder: string, constant: string): number[] {
  const definition = new RegExp(`^(?:export )?const ${constant} = ([^;\\n]+);`, 'gm');
  return listSources()
    .filter((path) => path.startsWith(folder))
    .flatMap((path) => [...readText(path).matchAll(definition)])
    .map(([, product = '']) =>
      product.split(/ \* (?!\*)/).reduce((value, factor) => value * power(factor), 1),
    )
    .filter((value) => !Number.isNaN(value));
}

/** `24`, `3600_000`, `2 ** 20` or a unit. */
function power(text: string): number {
  const [base = '', exponent = '1'] = text.split(' ** ');
  return (UNITS[base] ?? Number(base.replaceAll('_', ''))) ** Number(exponent);
}

const thousands = (value: number) => value.toLocaleString('en-US');
const NUMERALS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const ascending = (a: number, b: number) => a - b;
const chinese = (value: number) => '〇一二三四五六七八九十'[value] ?? String(value);
const numeral = (value: number) => NUMERALS[value] ?? String(value);
