import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthRules, authenticate } from './auth/authenticate.js';
import { controlFaults, isFaultControl } from './faults/control.js';
import { createFaultRules, type FaultRules } from './faults/fault-rules.js';
import { inject } from './faults/inject.js';
import type { Addressing } from './http/address.js';
import { errorReply, toOssError } from './http/error-reply.js';
import { type Outcome, type Reply, send } from './http/reply.js';
import { newRequestId, type OssRequest, readRequest } from './http/request.js';
import type { Context } from './operations/context.js';
import { perform } from './operations/perform.js';
import { routeOf } from './operations/route.js';
import { operationNames, type Route } from './operations/routes.js';

export type AppDeps = Context &
  AuthRules & {
    addressing: Addressing;
    faultToken: string | undefined;
    now: () => number;
    log: (error: unknown) => void;
  };

/** Answers one request; settles when the answer is on its way and nothing is left to do. Never rejects. */
export type App = (message: IncomingMessage, response: ServerResponse) => Promise<void>;

/** OSS's protocol for `node:http`; sockets are the caller's. */
export function createApp(deps: AppDeps): App {
  const faults = createFaultRules();
  return async (message, response) => {
    const id = newRequestId();
    response.setHeader('server', 'AliyunOSS');
    response.setHeader('x-oss-request-id', id);
    response.setHeader('date', new Date(deps.now()).toUTCString());
    const about = { id, host: message.headers.host ?? '', isHead: message.method === 'HEAD' };
    const outcome = await answer(message, id, deps, faults, closedSignal(response)).catch((error: unknown) =>
      errorReply(toOssError(error, deps.log), about),
    );
    await send(outcome, response, about.isHead).catch((error: unknown) => {
      deps.log(error);
      response.destroy();
    });
  };
}

async function answer(
  message: IncomingMessage,
  id: string,
  deps: AppDeps,
  faults: FaultRules,
  closed: AbortSignal,
): Promise<Outcome> {
  const request = readRequest(message, id, deps.addressing, deps.now());
  if (isFaultControl(request)) return controlFaults(request, faults, deps.faultToken, operationNames());
  const route = routeOf(request);
  const rule = faults.take(route.name, request.key);
  const operate = (seen: OssRequest) => respond(route, seen, deps);
  return rule ? inject(rule, request, operate, closed) : operate(request);
}

/** Never throws: a fault may want to replace an error, too. */
async function respond(route: Route, request: OssRequest, deps: AppDeps): Promise<Reply> {
  const date = new Date(request.now).toUTCString();
  try {
    // A form is signed inside; only its operation can tell.
    if (route.name !== 'PostObject') authenticate(request, deps);
    const reply = await perform(route, request, deps);
    return { ...reply, headers: { ...reply.headers, date } };
  } catch (error) {
    const oss = toOssError(error, deps.log);
    const reply = errorReply(oss, { id: request.id, host: request.host, isHead: request.method === 'HEAD' });
    return { ...reply, headers: { ...reply.headers, date } };
  }
}

function closedSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
