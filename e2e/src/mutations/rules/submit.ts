import type { MutationRule } from '../rule.js';

const FINGERPRINT_TEST = 'apps/api/src/body/submission.test.ts';
const RECEIVE_TEST = 'apps/api/src/body/receive.test.ts';

/** Idempotency fingerprints, forms, the size limit of an upload, and logs. */
export const SUBMIT_RULES: readonly MutationRule[] = [
  {
    name: 'metadata-not-in-fingerprint',
    file: 'apps/api/src/body/submission.ts',
    search: 'sortedEntries(metadata)',
    replace: '{}',
    tests: [FINGERPRINT_TEST],
  },
  {
    name: 'headers-not-in-fingerprint',
    file: 'apps/api/src/body/submission.ts',
    search: 'sortedEntries(submission.origin.headers)',
    replace: '{}',
    tests: [FINGERPRINT_TEST],
  },
  {
    name: 'largest-file-refused-as-it-comes',
    file: 'packages/shared/src/state/files/sink.ts',
    search: 'bytes > limits.maxBytes',
    replace: 'bytes >= limits.maxBytes',
    tests: [RECEIVE_TEST],
  },
  {
    name: 'largest-file-refused-by-its-length',
    file: 'apps/api/src/body/check-headers.ts',
    search: 'Number(length) > most',
    replace: 'Number(length) >= most',
    tests: [RECEIVE_TEST],
  },
  {
    name: 'boundary-in-content-accepted',
    file: 'apps/api/src/body/form-pieces.ts',
    search: '  throw MALFORMED();',
    replace: '  return { start, end, next: end, follows: LINE_END };',
    tests: ['apps/api/src/body/multipart.test.ts'],
    only: 'refuses a file that contains',
  },
  {
    name: 'error-logged-with-all-properties',
    file: 'packages/shared/src/runtime/log.ts',
    search: 'return { name, message: hide(message), code',
    replace: 'return { ...error, name, message: hide(message), code',
    tests: ['packages/shared/src/runtime/log.test.ts'],
  },
  {
    name: 'query-logged',
    file: 'apps/api/src/http/every-request.ts',
    search: 'pathOf(c.req.url)',
    replace: 'c.req.url',
    tests: ['apps/api/src/http/every-request.test.ts'],
  },
];
