import type { MutationRule } from '../rule.js';

const ORPHAN_TEST = 'apps/ops/src/reconcile/check-without-record.test.ts';

/** The launcher and `pixdock-ops`. */
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
];
