import type { MutationRule } from '../rule.js';

const STAGED_TEST = 'packages/shared/src/state/folder-staging/staged-uploads.test.ts';
const LOCKS_TEST = 'packages/shared/src/state/uploads/upload-locks.test.ts';
const HTTP_TEST = 'apps/api/src/uploads/http.test.ts';

/** Resumable uploads: durable bytes before a response, checksums, and locks. */
export const UPLOAD_RULES: readonly MutationRule[] = [
  {
    name: 'upload-bytes-not-synced',
    file: 'packages/shared/src/state/folder-staging/upload-writer.ts',
    search: 'start: offset, flush: true',
    replace: 'start: offset',
    tests: [STAGED_TEST],
  },
  {
    name: 'upload-offset-of-unsynced-bytes',
    file: 'packages/shared/src/state/folder-staging/staged-uploads.ts',
    search: 'await file.sync();',
    replace: '',
    tests: [STAGED_TEST],
  },
  {
    name: 'upload-offset-behind-unchecked-bytes',
    file: 'packages/shared/src/state/folder-staging/staged-uploads.ts',
    search: 'return from === null ? size : Math.min(Number(from), size);',
    replace: 'return size;',
    tests: [STAGED_TEST],
  },
  {
    name: 'upload-checksum-not-compared',
    file: 'apps/api/src/uploads/upload-checksum.ts',
    search: "if (hash.digest('base64') !== digest) throw new PixdockError('checksum_mismatch');",
    replace: '',
    tests: [HTTP_TEST],
    only: 'refuses a piece that does not match its checksum',
  },
  {
    name: 'upload-lock-not-exclusive',
    file: 'packages/shared/src/state/uploads/upload-locks.ts',
    search: 'if (await take(id, token)) return hold(id, token);',
    replace: 'return hold(id, token);',
    tests: [LOCKS_TEST],
    only: 'gives up when the holder',
  },
  {
    name: 'upload-lock-not-asked-for',
    file: 'packages/shared/src/state/uploads/upload-locks.ts',
    search: 'await redis.publish(channel, `${id} ${token}`);',
    replace: '',
    tests: [LOCKS_TEST],
    only: 'asks the holder in another process',
  },
  {
    name: 'upload-bytes-below-the-offset',
    file: 'apps/api/src/routes/uploads/append.ts',
    search: 'given !== offset',
    replace: 'given > offset',
    tests: [HTTP_TEST],
    only: 'refuses bytes below the offset',
  },
  {
    name: 'upload-removed-while-its-key-is-in-use',
    file: 'apps/api/src/uploads/finish.ts',
    search: ' && status !== 409',
    replace: '',
    tests: [HTTP_TEST],
    only: 'keeps a complete upload whose Idempotency-Key is in use',
  },
];
