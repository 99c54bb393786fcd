import type { MutationRule } from '../rule.js';

const RECORDS_TEST = 'packages/shared/src/state/images/records.test.ts';
const DELIVERIES_TEST = 'packages/shared/src/state/webhooks/deliveries.test.ts';

/** The turns of owners, and what is counted for each of them. */
export const SHARES_RULES: readonly MutationRule[] = [
  {
    name: 'places-in-order-of-arrival',
    file: 'packages/shared/src/runtime/places.ts',
    search: 'turns.next(waiting.map(([name]) => name)) ?? ',
    replace: 'waiting[0]?.[0] ?? ',
    tests: ['apps/worker/src/admission/take-turns.test.ts'],
    only: 'gives the next place',
  },
  {
    name: 'turn-of-the-owner-that-has-used-most',
    file: 'packages/shared/src/runtime/turns.ts',
    search: 'cost < least',
    replace: 'cost > least || best === null',
    tests: ['packages/shared/src/runtime/turns.test.ts'],
  },
  {
    name: 'passes-in-order-of-arrival',
    file: 'packages/shared/src/queue/queue.ts',
    search: "await addInTurn('expand-batch', expandJobId(batchId), payload, { owner, flow: PASSES });",
    replace: "await add('expand-batch', expandJobId(batchId), payload);",
    tests: ['apps/worker/src/admission/fair-order.test.ts'],
    only: 'after few passes',
  },
  {
    name: 'forgotten-record-still-counted',
    file: 'packages/shared/lua/forget-record.lua',
    search: "redis.call('HINCRBY', KEYS[3], fields.owner, -freed)",
    replace: '',
    tests: [RECORDS_TEST],
    only: 'counts the bytes',
  },
  {
    name: 'changed-record-counted-again',
    file: 'packages/shared/lua/transition.lua',
    search: " - redis.call('HSTRLEN', record, 'doc')",
    replace: '',
    tests: [RECORDS_TEST],
    only: 'counts the bytes',
  },
  {
    name: 'event-without-deliveries-still-counted',
    file: 'packages/shared/lua/write-delivery.lua',
    search: '    count(-1, event)',
    replace: '',
    tests: [DELIVERIES_TEST],
    only: 'leaves nothing of deliveries',
  },
  {
    name: 'ended-delivery-counted-as-pending',
    file: 'packages/shared/lua/write-delivery.lua',
    search: 'countDelivery(1, fields.delivery, fields.dueAt)',
    replace: 'countDelivery(1, fields.delivery, true)',
    tests: [DELIVERIES_TEST],
    only: 'leaves nothing of deliveries',
  },
  {
    name: 'attempted-delivery-counted-again',
    file: 'packages/shared/lua/write-delivery.lua',
    search: "countDelivery(-1, before, redis.call('ZSCORE', due, fields.id))",
    replace: 'count(-1, before)',
    tests: [DELIVERIES_TEST],
    only: 'however often it is attempted',
  },
  {
    name: 'submission-counted-without-its-entry',
    file: 'apps/api/src/submit/submit.ts',
    search: ' + bytesOnDisk(Buffer.byteLength(JSON.stringify(entry)))',
    replace: '',
    tests: ['apps/api/src/submit/image.test.ts'],
    only: 'keeps the blocks',
  },
  {
    name: 'staging-counted-by-length',
    file: 'packages/shared/src/state/files/disk-bytes.ts',
    search: 'Math.max(size, blocks * STAT_BLOCK_BYTES)',
    replace: 'size',
    tests: ['packages/shared/src/state/folder-staging/staged-bytes.test.ts'],
  },
  {
    name: 'staging-limit-per-process',
    file: 'packages/shared/lua/reserve-bytes.lua',
    search: 'if rest >= 0 then',
    replace: 'if true then',
    tests: ['packages/shared/src/state/files/shared-bytes.test.ts'],
  },
  {
    name: 'outcomes-counted-for-no-owner',
    file: 'packages/shared/src/state/folder-staging/usage-counter.ts',
    search: '(byOwner.get(owner) ?? 0) + bytes)',
    replace: '0)',
    tests: ['apps/api/src/limits/disk-quota.test.ts'],
    only: 'also for their owners',
  },
  {
    name: 'stored-responses-not-counted',
    file: 'packages/shared/src/state/idempotency/idempotency.ts',
    search: 'claimBytes.add(owner, response)',
    replace: 'Promise.resolve()',
    tests: ['packages/shared/src/state/idempotency/idempotency.test.ts'],
    only: 'counts the responses',
  },
];
