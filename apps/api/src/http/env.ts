import type { HttpBindings } from '@hono/node-server';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { Context } from 'hono';
import type { MinimumRate } from './minimum-rate.js';

/** What every handler finds in its context. Bindings are empty when the app is asked in-process. */
export interface ApiEnv {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    log: Logger;
    /** How fast the body must arrive; unset where a test calls a handler directly. */
    minimumRate?: MinimumRate;
    /** Whose key it is; set on every route that needs one. */
    owner: string;
  };
}

export type ApiContext = Context<ApiEnv>;
