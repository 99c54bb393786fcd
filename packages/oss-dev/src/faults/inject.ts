import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { errorReply } from '../http/error-reply.js';
import { discard, type Outcome, type Reply } from '../http/reply.js';
import { type OssRequest, readBytes } from '../http/request.js';
import type { FaultAction, FaultRule } from './rule.js';

/** Applies `rule` to one request; `perform` runs the operation. `signal` aborts when the connection closes. */
export async function inject(
  rule: FaultRule,
  request: OssRequest,
  perform: (request: OssRequest) => Promise<Reply>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { action } = rule;
  if (action.type === 'clock') return perform({ ...request, now: request.now + action.offsetMs });
  if (action.type === 'wrong-etag') return withWrongEtag(await perform(request));
  if (action.type === 'delay') {
    if (rule.when === 'before') await wait(action.ms, signal);
    if (signal.aborted) return 'hang';
    const reply = await perform(request);
    if (rule.when === 'after') await wait(action.ms, signal);
    return reply;
  }
  if (action.type === 'late') {
    const arrived = await readBytes(request.body, Number.POSITIVE_INFINITY);
    if (!signal.aborted) await once(signal, 'abort');
    await sleep(action.ms);
    const body = Object.assign(Readable.from([arrived]), { complete: true });
    discard(await perform({ ...request, body }));
    return 'hang';
  }
  if (rule.when === 'after' || action.type === 'callback-failed') discard(await perform(request));
  return failure(action, request);
}

type Failure = Exclude<FaultAction, { type: 'clock' | 'wrong-etag' | 'delay' | 'late' }>;

function failure(action: Failure, request: OssRequest): Outcome {
  if (action.type === 'reset' || action.type === 'hang') return action.type;
  if (action.type === 'html') return proxyPage(action.status);
  if (action.type === 'cut') return cutShort(action.status);
  if (action.type === 'empty') return { status: action.status, headers: { 'content-length': '0' } };
  if (action.type === 'error') {
    return xmlError(request, action.status, action.code, action.message, action.ec);
  }
  if (action.type === 'callback-failed') {
    return xmlError(request, 203, 'CallbackFailed', 'Error status : 502.', '0007-00000203');
  }
  const reply = xmlError(request, 503, 'TotalQpsLimitExceeded');
  reply.headers['x-oss-qos-delay-time'] = String(action.delayMs);
  return reply;
}

function xmlError(
  request: OssRequest,
  status: number,
  code: string,
  message = 'Injected fault.',
  ec?: string,
): Reply {
  return errorReply({ status, code, message, ec, fields: {} }, request);
}

function proxyPage(status: number): Reply {
  // Well-formed, so that a client may take it for XML.
  const body = `<html><body><h1>${status}</h1><hr/>proxy</body></html>`;
  const headers = { 'content-type': 'text/html', 'content-length': String(body.length) };
  return { status, headers, body, fromProxy: true };
}

function cutShort(status: number): Reply {
  const half = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>Intern';
  const headers = { 'content-type': 'application/xml', 'content-length': String(half.length * 2) };
  const body = Readable.from(
    (async function* () {
      yield half;
      // Let the first half leave before the connection is cut.
      await setImmediate();
      throw new Error('cut');
    })(),
  );
  return { status, headers, body };
}

function withWrongEtag(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, etag: `"${'0'.repeat(32)}"` } };
}

/** Ends early when the connection closes. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
