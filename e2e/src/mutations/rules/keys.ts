import type { MutationRule } from '../rule.js';

const AUTH_TEST = 'apps/api/src/http/auth.test.ts';
const KEYRING_TEST = 'apps/api/src/keys/keyring.test.ts';
const KEYRING = 'apps/api/src/keys/keyring.ts';
const UPLOAD_TOKEN_TEST = 'apps/api/src/keys/upload-token.test.ts';
const TOKEN_RIGHTS = 'apps/api/src/http/auth.ts';
const TOKEN_RIGHTS_TEST = 'apps/api/src/http/token-rights.test.ts';

/** Keys with their scopes, and upload tokens. */
export const KEY_RULES: readonly MutationRule[] = [
  {
    name: 'scope-not-checked',
    file: 'apps/api/src/http/auth.ts',
    search: 'if (missing.length === 0) return;',
    replace: 'if (scopes.size > 0) return;',
    tests: [AUTH_TEST],
  },
  {
    name: 'metrics-without-admin',
    file: 'apps/api/src/routes/metrics.ts',
    search: "needs('admin')",
    replace: "needs('read')",
    tests: [AUTH_TEST],
  },
  {
    name: 'expired-key-accepted',
    file: KEYRING,
    search: "if (state === 'active') return",
    replace: "if (state !== 'revoked') return",
    tests: [KEYRING_TEST],
  },
  {
    name: 'revoked-key-accepted',
    file: KEYRING,
    search: "if (state === 'active') return",
    replace: "if (state !== 'expired') return",
    tests: [KEYRING_TEST],
  },
  {
    name: 'key-file-not-read-again',
    file: KEYRING,
    search: '      keys = join(pairs, stored);',
    replace: '',
    tests: [KEYRING_TEST],
  },
  {
    name: 'token-of-ended-key-accepted',
    file: KEYRING,
    search: "if (stateOf(key) !== 'active')",
    replace: 'if (token.id === null)',
    tests: [KEYRING_TEST],
  },
  {
    name: 'expired-token-accepted',
    file: KEYRING,
    search: "if (stateOf({ expiresAt, revokedAt: null }) === 'expired')",
    replace: 'if (token.id === null)',
    tests: [KEYRING_TEST],
  },
  {
    name: 'token-signature-not-verified',
    file: 'apps/api/src/keys/upload-token.ts',
    search: '!timingSafeEqual(',
    replace: '!Object.is(key, key) && timingSafeEqual(',
    tests: [UPLOAD_TOKEN_TEST],
  },
  {
    name: 'token-count-not-enforced',
    file: 'apps/api/src/keys/token-uses.ts',
    search: '{ change: 1, maxCount, lifetimeMs }',
    replace: '{ change: 1, maxCount: 2 * maxCount, lifetimeMs }',
    tests: ['apps/api/src/keys/token-uses.test.ts'],
  },
  {
    name: 'token-origin-not-compared',
    file: TOKEN_RIGHTS,
    search: '!origins.includes(origin)',
    replace: 'false',
    tests: [TOKEN_RIGHTS_TEST],
  },
  {
    name: 'token-accepted-by-routes-for-keys',
    file: TOKEN_RIGHTS,
    search: 'if (!routeAllowsTokens)',
    replace: 'if (!routeAllowsTokens && origins !== null)',
    tests: [TOKEN_RIGHTS_TEST],
  },
  {
    name: 'key-lives-ten-times-as-long',
    file: 'apps/ops/src/keys/create.ts',
    search: 'nowMs() + lifetimeMs',
    replace: 'nowMs() + 10 * lifetimeMs',
    tests: ['apps/ops/src/keys/keys.test.ts'],
    only: 'prints a created key',
  },
  {
    name: 'key-of-two-owners',
    file: 'apps/api/src/keys/read-keys.ts',
    search: 'for (const [at, key] of keys.entries()) refuseShared(read, key, keys.slice(0, at));',
    replace: '',
    tests: ['apps/api/src/keys/keyring.test.ts'],
    only: 'a key of two owners',
  },
];
