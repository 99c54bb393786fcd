import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Controls, control } from './control.js';
import { createFaultRules, type FaultRules } from './faults/fault-rules.js';
import { inject } from './faults/inject.js';
import type { Cnames } from './http/address.js';
import { allowOrigin, isPreflight, replyToPreflight } from './http/cors.js';
import { errorReply, toOssError } from './http/error-reply.js';
import { type Outcome, type Reply, send } from './http/reply.js';
import { newRequestId, type OssRequest, readRequest } from './http/request.js';
import type { Context } from './operations/context.js';
import { perform } from './operations/perform.js';
import { routeOf } from './operations/route.js';
import type { Route } from './operations/routes.js';

export type AppDeps = Context &
  Controls & {
    cnames: Cnames;
    now: () => number;
    log: (error: unknown) => void;
  };

/** Handles one request; settles when the response is sent and the work is done. Never rejects. */
export type App = (message: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Implements the OSS protocol on `node:http` messages. The caller owns the sockets. */
export function createApp(deps: AppDeps): App {
  const faults = createFaultRules();
  return async (message, response) => {
    const id = newRequestId();
    response.setHeader('server', 'AliyunOSS');
    response.setHeader('x-oss-request-id', id);
    response.setHeader('date', new Date(deps.now()).toUTCString());
    allowOrigin(message, response);
    if (isPreflight(message)) {
      replyToPreflight(message, response);
      return;
    }
    const context = { id, host: message.headers.host ?? '', method: message.method ?? 'GET' };
    const outcome = await handle(message, id, deps, faults, closedSignal(response)).catch((error: unknown) =>
      errorReply(toOssError(error, deps.log), context),
    );
    await send(outcome, response).catch((error: unknown) => {
      deps.log(error);
      response.destroy();
    });
  };
}

async function handle(
  message: IncomingMessage,
  id: string,
  deps: AppDeps,
  faults: FaultRules,
  closed: AbortSignal,
): Promise<Outcome> {
  const request = readRequest(message, id, deps.cnames, deps.now());
  const controlled = await control(request, faults, deps);
  if (controlled !== null) return controlled;
  const route = routeOf(request);
  const rule = faults.match(route.name, request.key);
  const run = (current: OssRequest) => respond(route, current, deps);
  return rule ? inject(rule, request, run, closed) : run(request);
}

/** Never throws, because an injected fault may also replace an error response. */
async function respond(route: Route, request: OssRequest, deps: AppDeps): Promise<Reply> {
  const reply = await perform(route, request, deps).catch((error: unknown) =>
    errorReply(toOssError(error, deps.log), request),
  );
  return { ...reply, headers: { ...reply.headers, date: new Date(request.now).toUTCString() } };
}

function closedSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
