import type { MutationRule } from '../rule.js';

const TARGET_TEST = 'apps/api/src/submit/webhook-target.test.ts';

/** Targets of webhooks, and events on their way to them. */
export const WEBHOOK_RULES: readonly MutationRule[] = [
  {
    name: 'webhook-url-at-any-host',
    file: 'apps/api/src/submit/webhook-target.ts',
    search:
      "if (target === null) throw invalid('webhook-url-not-allowed', { origin: new URL(webhookUrl).origin });",
    replace: '',
    tests: [TARGET_TEST],
  },
  {
    name: 'webhook-url-with-upload-token',
    file: 'apps/api/src/submit/webhook-target.ts',
    search: "if (token !== null) throw new PixdockError('forbidden', detailOf('token-webhook'));",
    replace: '',
    tests: [TARGET_TEST],
  },
  {
    name: 'webhook-url-at-another-port',
    file: 'packages/shared/src/state/webhooks/choose-endpoint.ts',
    search: 'new URL(endpoint.url).origin === origin',
    replace: 'new URL(endpoint.url).hostname === new URL(url).hostname',
    tests: ['packages/shared/src/state/webhooks/endpoints.test.ts'],
    only: 'permits the URL of a submission',
  },
  {
    name: 'event-without-a-job',
    file: 'apps/worker/src/webhooks/relay.ts',
    search: 'await whenAllEnd([...due].map((endpointId) => queue.deliver(endpointId, owner)));',
    replace: '',
    tests: ['apps/worker/src/webhooks/relay.test.ts'],
    only: 'keeps events in the outbox',
  },
  {
    name: 'place-of-a-recovery-that-is-not-queued',
    file: 'packages/shared/src/state/failures/running-jobs.ts',
    search: 'nowMs() + BEGIN_MS',
    replace: 'nowMs() + RUNNING_MS',
    tests: ['packages/shared/src/state/failures/running-jobs.test.ts'],
  },
  {
    name: 'redirect-counts-as-delivered',
    file: 'apps/worker/src/jobs/deliver-webhooks.ts',
    search: 'status >= 200 && status < 300',
    replace: 'status >= 200 && status < 400',
    tests: ['apps/worker/src/jobs/deliver-webhooks.test.ts'],
    only: 'tries again after a response',
  },
];
