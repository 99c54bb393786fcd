import type { MutationRule } from '../rule.js';

const REVIEW_TEST = 'e2e/src/review/review.test.ts';
const DURABLE_TEST = 'e2e/src/review/durable.test.ts';
const REVIEW = 'apps/worker/src/attempt/review.ts';

/** The review before publication. */
export const REVIEW_RULES: readonly MutationRule[] = [
  {
    name: 'held-image-published',
    file: REVIEW,
    search: "{ decision: 'hold', by: 'manual', reasons: [] }",
    replace: "{ decision: 'approve', by: 'manual', reasons: [] }",
    tests: [REVIEW_TEST],
    only: 'fails an image that a person rejects',
    built: true,
  },
  {
    name: 'decision-not-looked-up',
    file: REVIEW,
    search: 'let decided = await findReview(deps, attempt.record, subject);',
    replace: 'let decided: Review | null = null;',
    tests: [DURABLE_TEST],
    only: 'killed after the answer',
    built: true,
  },
  {
    name: 'decided-images-not-requeued',
    file: 'apps/worker/src/jobs/sweep.ts',
    search: 'if (record !== null && !(await awaitsDecision(deps, record)))',
    replace: 'if (record !== null && !(await awaitsDecision(deps, record)) && from < 0)',
    tests: [DURABLE_TEST],
    only: 'are lost while it is held',
    built: true,
  },
  {
    name: 'later-decision-replaces-the-first',
    file: 'packages/shared/src/state/reviews.ts',
    search: 'const isFirst = await notes.create(',
    replace: 'const isFirst = true;\n      await notes.create(',
    tests: ['packages/shared/src/state/folder-staging/folder-staging.test.ts'],
  },
  {
    name: 'reviewer-of-another-owner',
    file: 'apps/api/src/read-for-review.ts',
    search: "scopes.has('admin')",
    replace: "scopes.has('review')",
    tests: [REVIEW_TEST],
    only: 'each on its own owner',
    built: true,
  },
];
