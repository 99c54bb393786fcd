import type { MutationRule } from '../rule.js';

const PUBLISH_TEST = 'apps/worker/src/publish/publish.test.ts';

/** Fetching, decoding, publishing and removing. */
export const WORKER_RULES: readonly MutationRule[] = [
  {
    name: 'main-put-with-the-others',
    file: 'apps/worker/src/publish/publish.ts',
    search: 'others.map((name) => put(name, {}))',
    replace:
      "[...others.map((name) => put(name, {})), put('main', toObjectMeta(record, rendered.source, planned, rendered.receipt.profileVersion))]",
    tests: [PUBLISH_TEST],
  },
  {
    name: 'failed-put-not-waited-for',
    file: 'apps/worker/src/publish/publish.ts',
    search: 'Promise.allSettled(others.map((name) => put(name, {})))',
    replace: `Promise.all(others.map(async (name): Promise<PromiseSettledResult<void>> => {
      await put(name, {});
      return { status: 'fulfilled', value: undefined };
    }))`,
    tests: [PUBLISH_TEST],
  },
  {
    name: 'leftover-objects-not-returned',
    file: 'apps/worker/src/publish/remove-objects.ts',
    search: "results[i]?.status === 'rejected'",
    replace: 'results[i] === undefined',
    tests: ['apps/worker/src/publish/remove-objects.test.ts'],
  },
  {
    name: 'leftover-objects-not-recorded',
    file: 'apps/worker/src/attempt/fail.ts',
    search: 'error, remaining, config.retentionMs',
    replace: 'error, [], config.retentionMs',
    tests: ['apps/worker/src/attempt/attempt.test.ts'],
    only: 'keeps the keys of objects',
  },
  {
    name: 'host-slot-kept-while-waiting',
    file: 'apps/worker/src/jobs/fetch-image.ts',
    search: 'using slot = ',
    replace: 'const slot = ',
    tests: ['apps/worker/src/jobs/fetch-image.test.ts'],
    only: 'keeps no slot at the host',
  },
  {
    name: 'fetched-bytes-not-counted',
    file: 'apps/worker/src/jobs/fetch-image.ts',
    search: 'reserved.commit(attempt.record.source.bytes ?? 0);',
    replace: '',
    tests: ['apps/worker/src/jobs/fetch-image.test.ts'],
    only: 'keeps only the bytes that came',
  },
  {
    name: 'suspect-beside-others',
    file: 'apps/worker/src/jobs/process-image.ts',
    search: 'record !== null && isSuspect(record)',
    replace: 'false',
    tests: ['apps/worker/src/jobs/process-image.test.ts'],
    only: 'enters quarantine',
  },
  {
    name: 'never-a-probe-while-staging-is-full',
    file: 'apps/worker/src/jobs/process-image.ts',
    search: 'return breaker.tryProbe();',
    replace: 'return false;',
    tests: ['apps/worker/src/jobs/process-image.test.ts'],
    only: 'except one probe',
  },
  {
    name: 'output-rendered-again',
    file: 'apps/worker/src/attempt/output.ts',
    search: 'if (manifest === null) return null;',
    replace: 'if (manifest !== undefined) return null;',
    tests: ['apps/worker/src/jobs/process-image.test.ts'],
    only: 'without rendering it again',
  },
  {
    name: 'deleted-during-a-run',
    file: 'apps/worker/src/jobs/delete-image.ts',
    search: 'await queue.isRunning(runOf(record))',
    replace: 'false',
    tests: ['apps/worker/src/jobs/delete-image.test.ts'],
  },
  {
    name: 'invalid-row-canceled',
    file: 'apps/worker/src/batches/items-without-record.ts',
    search: "if (status === 'canceled' && now !== 'queued') continue;",
    replace: '',
    tests: ['apps/worker/src/batches/concurrent-changes.test.ts'],
    only: 'fails an invalid row',
  },
  {
    name: 'all-loaders-in-the-child',
    file: 'apps/worker/src/image/child.ts',
    search: "sharp.block({ operation: ['VipsForeignLoad'] });",
    replace: '',
    tests: ['apps/worker/src/image/loaders.test.ts'],
    built: true,
  },
  {
    name: 'thumbhash-sides-swapped',
    file: 'apps/worker/src/image/placeholder.ts',
    search: 'rgbaToThumbHash(width, height, pixels)',
    replace: 'rgbaToThumbHash(height, width, pixels)',
    tests: ['apps/worker/src/image/colour.test.ts'],
    only: 'makes a ThumbHash that shows the picture',
    built: true,
  },
  {
    name: 'redirect-resolved-against-the-first-url',
    file: 'apps/worker/src/fetch/client.ts',
    search: 'checkUrl(location, url, settings)',
    replace: 'checkUrl(location, new URL(request.url), settings)',
    tests: ['apps/worker/src/fetch/redirects.test.ts'],
    only: 'is resolved against the URL that responded',
  },
  {
    name: 'content-md5-not-sent',
    file: 'packages/object-store/src/wire-format.ts',
    search: "'Content-MD5': Buffer.from(object.md5, 'hex').toString('base64'),",
    replace: '',
    tests: ['packages/object-store/src/open.test.ts'],
    only: 'check the bytes of a put',
  },
  {
    name: 'zlib-level-9-at-any-time',
    file: 'apps/worker/src/image/encodings/affordable-level.ts',
    search: 'wholeMs <= MOST_CPU_MS ? level : cheaper',
    replace: 'level',
    tests: ['apps/worker/src/image/encodings/affordable-level.test.ts'],
  },
  {
    name: 'avif-over-4-gib-not-cut',
    file: 'apps/worker/src/image/container/truncated.ts',
    search: 'bytes.number(at + 8, 4) * 2 ** 32 + bytes.number(at + 12, 4)',
    replace: 'bytes.number(at + 12, 4)',
    tests: ['apps/worker/src/image/container/truncated.test.ts'],
    only: 'judges an AVIF',
  },
];
