import type { MutationRule } from '../rule.js';

const STAGING_TEST = 'packages/shared/src/state/folder-staging/folder-staging.test.ts';
const FOLDER_TEST = 'packages/shared/src/state/folder-staging/open-staging.test.ts';
const ARRIVAL_TEST = 'packages/shared/src/state/folder-staging/batch-arrival.test.ts';
const RESTORE_TEST = 'packages/shared/src/state/restore/restore.test.ts';

/** Promises that must survive a power loss, or the loss of Redis. */
export const STAGING_RULES: readonly MutationRule[] = [
  {
    name: 'small-file-not-synced',
    file: 'packages/shared/src/state/files/durable.ts',
    search: 'if (sync) await file.sync();',
    replace: '',
    tests: ['packages/shared/src/state/files/durable.test.ts'],
  },
  {
    name: 'source-not-synced',
    file: 'packages/shared/src/state/folder-staging/arrival.ts',
    search: '[sourceIn(folder), submission, folder.path]',
    replace: '[submission, folder.path]',
    tests: [FOLDER_TEST],
  },
  {
    name: 'batch-items-not-synced',
    file: 'packages/shared/src/state/folder-staging/batch-arrival.ts',
    search: "createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true })",
    replace: "createWriteStream(path, { flags: 'wx', mode: 0o600 })",
    tests: [ARRIVAL_TEST],
  },
  {
    name: 'batch-upload-not-synced',
    file: 'packages/shared/src/state/folder-staging/batch-arrival.ts',
    search: "createWriteStream(files.upload(name), { flags: 'wx', mode: 0o600, flush: true })",
    replace: "createWriteStream(files.upload(name), { flags: 'wx', mode: 0o600 })",
    tests: [ARRIVAL_TEST],
  },
  {
    name: 'archive-not-synced',
    file: 'apps/api/src/batch-formats/zip.ts',
    search: 'mode: 0o600, flush: true',
    replace: 'mode: 0o600',
    tests: ['apps/api/src/batch-formats/zip.test.ts'],
    only: 'makes the archive durable',
  },
  {
    name: 'shard-folder-not-synced',
    file: 'packages/shared/src/state/folder-staging/arrival-folder.ts',
    search: 'await syncPath(shard);',
    replace: '',
    tests: [FOLDER_TEST],
  },
  {
    name: 'new-shard-not-synced',
    file: 'packages/shared/src/state/folder-staging/arrival-folder.ts',
    search: 'makeFolder(shard, { sync: true })',
    replace: 'makeFolder(shard)',
    tests: [FOLDER_TEST],
  },
  {
    name: 'submission-not-synced',
    file: 'packages/shared/src/state/folder-staging/arrival.ts',
    search: '[sourceIn(folder), submission, folder.path]',
    replace: '[sourceIn(folder), folder.path]',
    tests: [FOLDER_TEST],
  },
  {
    name: 'name-of-the-submission-not-synced',
    file: 'packages/shared/src/state/folder-staging/arrival.ts',
    search: '[sourceIn(folder), submission, folder.path]',
    replace: '[sourceIn(folder), submission]',
    tests: [FOLDER_TEST],
  },
  {
    name: 'deletion-not-noted',
    file: 'apps/api/src/request-deletion.ts',
    search: 'await staging.requestDelete(id);',
    replace: 'await staging.entry(id);',
    tests: ['e2e/src/storage-faults.test.ts'],
    only: 'although Redis is emptied while OSS delays it',
    built: true,
  },
  {
    name: 'noted-deletion-not-restored',
    file: 'packages/shared/src/state/restore/restore.ts',
    search: '() => staging.deletions()',
    replace: 'async function* () {}',
    tests: [RESTORE_TEST],
  },
  {
    name: 'deletion-lost-with-record',
    file: 'packages/shared/src/state/staged/staged-entries.ts',
    search: '(await files.has(stagedNames.deletion(id)))',
    replace: '(await files.has(stagedNames.deletions)) && id === ""',
    tests: [STAGING_TEST],
  },
  {
    name: 'idempotency-key-not-restored',
    file: 'packages/shared/src/state/restore/restore-image.ts',
    search: 'await idempotency.restore(record.owner, entry.idempotency, record);',
    replace: '{}',
    tests: [RESTORE_TEST],
  },
  {
    name: 'restore-continues-in-an-emptied-redis',
    file: 'apps/api/src/restore/restore-when-new.ts',
    search: 'begun?.epoch !== number',
    replace: 'begun === null',
    tests: ['apps/api/src/restore/restore-when-new.test.ts'],
  },
  {
    name: 'no-restore-at-start',
    file: 'apps/api/src/restore/restore-when-new.ts',
    search: '!isRestored || isDue.restore',
    replace: '!isRestored',
    tests: ['apps/api/src/restore/restore-when-new.test.ts'],
  },
  {
    name: 'failover-not-noticed-by-a-write',
    file: 'packages/shared/lua/prelude.lua',
    search: 'epoch[1] ~= fields.epoch or epoch[2] ~= ownRunId()',
    replace: 'epoch[1] ~= fields.epoch',
    tests: ['packages/shared/src/state/epoch.test.ts'],
  },
  {
    name: 'record-of-an-ended-epoch',
    file: 'packages/shared/lua/prelude.lua',
    search: 'epoch[1] ~= fields.epoch or epoch[2] ~= ownRunId()',
    replace: 'epoch[2] ~= ownRunId()',
    tests: ['packages/shared/src/state/epoch.test.ts'],
  },
];
