import type { MutationRule } from '../rule.js';

const ORPHAN_TEST = 'apps/ops/src/reconcile/check-without-record.test.ts';

/** The launcher, `pixdock-ops`, the pause, and the index of failures. */
export const OPERATIONS_RULES: readonly MutationRule[] = [
  {
    name: 'redis-stopped-first',
    file: 'scripts/lib/launch.mjs',
    search: 'services.toReversed()',
    replace: 'services',
    tests: ['scripts/supervision.test.mjs'],
    only: 'stops everything on Ctrl-C, Redis last',
    built: true,
  },
  {
    name: 'private-redis-never-syncs',
    file: 'scripts/lib/private-redis.mjs',
    search: 'appendfsync everysec',
    replace: 'appendfsync no',
    tests: ['scripts/lib/private-redis.test.mjs'],
  },
  {
    name: 'orphan-reported-after-one-look',
    file: 'apps/ops/src/reconcile/check-without-record.ts',
    search: '!isOld(lastModified, deps) || !(await isOrphan(deps, id))',
    replace: '!isOld(lastModified, deps)',
    tests: [ORPHAN_TEST],
  },
  {
    name: 'orphan-removed-without-a-second-look',
    file: 'apps/ops/src/reconcile/check-without-record.ts',
    search: 'if (!(await isOrphan(deps, id))) return false;',
    replace: '',
    tests: [ORPHAN_TEST],
  },
  {
    name: 'pause-only-in-redis',
    file: 'packages/shared/src/state/pause.ts',
    search: 'await writeDurably(layout.paused, since);',
    replace: '',
    tests: ['packages/shared/src/state/pause.test.ts'],
  },
  {
    name: 'end-of-pause-not-synced',
    file: 'packages/shared/src/state/pause.ts',
    search: 'await syncPath(dirname(layout.paused));',
    replace: '',
    tests: ['packages/shared/src/state/pause.test.ts'],
  },
  {
    name: 'failure-group-kept-without-failures',
    file: 'packages/shared/lua/transition.lua',
    search: 'dropFailureGroup(groups, owners, fields.failureBefore)',
    replace: '',
    tests: ['packages/shared/src/state/records/failures.test.ts'],
    only: 'drops a group in the transition',
  },
  {
    name: 'loading-redis-checked-as-it-estimates',
    file: 'packages/shared/src/runtime/redis.ts',
    search: 'const LOADING_CHECK_MS = 500;',
    replace: 'const LOADING_CHECK_MS = 10_000;',
    tests: ['e2e/src/api/redis-away.test.ts'],
    only: 'whatever Redis estimated',
    built: true,
  },
  {
    name: 'damaged-object-of-the-same-length-not-found',
    file: 'apps/ops/src/reconcile/check-published.ts',
    search: 'object.etag === etag && object.bytes',
    replace: 'object.bytes',
    tests: ['apps/ops/src/reconcile/reconcile.test.ts'],
    only: 'missing, different',
  },
  {
    name: 'deleted-image-recovered',
    file: 'apps/ops/src/recover/recover.ts',
    search: ' || isThere(staging.layout.deletion(id))',
    replace: '',
    tests: ['apps/ops/src/recover/recover.test.ts'],
    only: 'does not bring back',
  },
];
