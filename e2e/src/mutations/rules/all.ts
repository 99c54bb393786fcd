import type { MutationRule } from '../rule.js';
import { KEY_RULES } from './keys.js';
import { OPERATIONS_RULES } from './operations.js';
import { REVIEW_RULES } from './review.js';
import { SHARES_RULES } from './shares.js';
import { STAGING_RULES } from './staging.js';
import { SUBMIT_RULES } from './submit.js';
import { UPLOAD_RULES } from './uploads.js';
import { WEBHOOK_RULES } from './webhooks.js';
import { WORKER_RULES } from './worker.js';

/** Defects that break a promise of the service. A test must fail for each of them. */
export const RULES: readonly MutationRule[] = [
  ...SHARES_RULES,
  ...STAGING_RULES,
  ...SUBMIT_RULES,
  ...UPLOAD_RULES,
  ...WEBHOOK_RULES,
  ...WORKER_RULES,
  ...KEY_RULES,
  ...OPERATIONS_RULES,
  ...REVIEW_RULES,
];
