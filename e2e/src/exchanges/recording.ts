import { readFileSync } from 'node:fs';
import { toProblem } from '@pixdock/contract/error';
import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import type { Language } from '@pixdock/contract/messages/text';
import { expect } from 'vitest';
import { until } from '../harness/client.js';
import { openLeaks } from '../harness/leaks.js';
import { abridge } from './abridge.js';
import type { Contract } from './contract.js';
import { openPlaceholders } from './placeholders.js';
import { readableJson } from './readable-json.js';
import { type NamedBytes, type Reply, type Sending, sendRequest } from './send-request.js';
import { type Sentences, TAKEN, takeReasons, takeSentences } from './sentences.js';
import type { ExchangeStack } from './stage.js';

export type { NamedBytes, Reply, Sending } from './send-request.js';

export interface Recording {
  /** Sends a request such as `GET /livez` and records the exchange. */
  send: (name: string, line: string, sending?: Sending) => Promise<Reply>;
  /** As `send`, in English and in Chinese; only sentences may differ. */
  sendInBoth: (name: string, line: string, sending?: Sending) => Promise<Reply>;
  /** Waits, without recording it, until an image or a batch is final, or has the given status. */
  settle: (path: string, status?: string) => Promise<void>;
  /** Records an exchange that took place elsewhere. */
  add: (name: string, line: string, sending: Sending, reply: Reply) => void;
  result: () => Recorded;
}

interface Recorded {
  exchanges: string;
  sentences: string;
  /** Request lines. */
  lines: string[];
  /** Error codes in responses. */
  codes: string[];
}

interface Exchange {
  request: { line: string; as: string | null; headers?: Record<string, string>; body?: unknown };
  response: { status: number; headers: Record<string, string>; body?: unknown };
}

/** A full image, batch and so on, from which the recorded ones differ. They are edited by hand. */
const RESOURCES = JSON.parse(readFileSync(new URL('full.json', import.meta.url), 'utf8'));
/** The problem of each error code, under the code. The list of all error codes is recorded in full. */
const PROBLEMS = Object.fromEntries(ERROR_CODES.map((code) => [code, problemOf(code)]));
const UNRECORDED = ['content-length', 'date'];
/** No exchange expects these: on a busy machine, an unknown id finds no place in time, or OSS responds too late. */
const BUSY = ['overloaded', 'storage_unavailable'];
const UNFINISHED = ['queued', 'processing', 'running'];

/** Records exchanges with the API as one owner. */
export function openRecording(stack: ExchangeStack, owner: string, contract: Contract): Recording {
  const { addresses, env } = stack;
  const placeholders = openPlaceholders(addresses);
  const leaks = openLeaks(env);
  const exchanges = new Map<string, Exchange>();
  const sentencesOf = new Map<string, Partial<Record<Language, Sentences>>>();
  const codes = new Set<string>();

  async function exchange(line: string, { as = owner, ...sending }: Sending): Promise<Reply> {
    const reply = await until(`${line} to be responded to`, 60, async () => {
      const received = await sendRequest(stack.api.url, line, { as, ...sending });
      return BUSY.includes(received.body.code ?? '') ? null : received;
    });
    expect(leaks.inResponse(`${JSON.stringify(reply.headers)}\n${reply.text}`)).toEqual([]);
    return reply;
  }

  function add(name: string, line: string, sending: Sending, reply: Reply, language: Language = 'en'): void {
    const { headers, body } = reply;
    expect(contract.faultsIn(line, reply), `${name}: ${line}`).toEqual([]);
    if ('requestId' in body) expect(body.requestId).toBe(headers['x-request-id']);
    if ('version' in body && headers.etag !== undefined)
      expect(headers.etag).toBe(`"${String(body.version)}"`);
    // These list or exemplify errors that no request has caused.
    if (!/\/v1\/errors|\/openapi\.json/.test(line))
      for (const [, code = ''] of reply.text.matchAll(/"code":"(\w+)"/g)) codes.add(code);
    const sentences: Sentences = {};
    const recorded = {
      request: requestOf(line, sending),
      response: responseOf(reply, sending, sentences, language),
    };
    const first = exchanges.get(name);
    if (language === 'en') {
      expect(first, name).toBeUndefined();
      exchanges.set(name, recorded);
    } else {
      expect({ name, ...recorded.response }).toEqual({ name, ...first?.response });
    }
    if (Object.keys(sentences).length > 0)
      sentencesOf.set(name, { ...sentencesOf.get(name), [language]: sentences });
  }

  function requestOf(line: string, { as = owner, headers, body }: Sending): Exchange['request'] {
    return {
      line: placeholders.inText(decodeCursors(line)),
      as,
      ...(headers === undefined ? {} : { headers: mapValues(headers, placeholders.inText) }),
      ...(body === undefined ? {} : { body: shownBody(body) }),
    };
  }

  /** Replaces a cursor of an earlier page by its placeholder. */
  function decodeCursors(line: string): string {
    return line.replace(/cursor=([A-Za-z0-9_%-]{12,})/, (_, cursor: string) => {
      const { next } = placeholders.inJson({ next: decodeURIComponent(cursor) }) as { next: string };
      return `cursor=${next}`;
    });
  }

  function shownBody(body: string | NamedBytes): unknown {
    if (typeof body === 'object') return `{${body.name}}`;
    try {
      return placeholders.inJson(JSON.parse(body));
    } catch {
      const lines = placeholders.inText(body).split('\n');
      return lines.length === 1 ? lines[0] : lines;
    }
  }

  function responseOf(
    reply: Reply,
    { isBodyElsewhere }: Sending,
    sentences: Sentences,
    language: Language,
  ): Exchange['response'] {
    const { status, text } = reply;
    const headers = headersOf(reply);
    if (text === '' || isBodyElsewhere === true) return { status, headers };
    const type = reply.headers['content-type'] ?? '';
    return { status, headers, body: takeSentences(bodyOf(text, type, sentences), language, sentences) };
  }

  function bodyOf(text: string, type: string, sentences: Sentences): unknown {
    if (type.startsWith('text/csv')) return takeReasons(placeholders.inText(text), sentences);
    if (type.endsWith('ndjson'))
      return text.split('\n').map((line) => (line === '' ? '' : placeholders.inJson(JSON.parse(line))));
    if (type === 'text/event-stream') return text.split('\n').map(shownField);
    return type.endsWith('json') ? placeholders.inJson(JSON.parse(text)) : placeholders.inText(text);
  }

  /** A line of an event stream. */
  function shownField(line: string): unknown {
    const [, json] = /^data: (.+)$/.exec(line) ?? [];
    if (json !== undefined) return { data: placeholders.inJson(JSON.parse(json)) };
    return line.replace(/^id: \d+$/, 'id: {version}').replace(/^id: [0-9a-f]{12}-\d+$/, 'id: {position}');
  }

  function headersOf({ status, headers }: Reply): Record<string, string> {
    const all = mapValues(headers, placeholders.inText);
    for (const name of UNRECORDED) delete all[name];
    if (all.etag !== undefined && all.etag !== '"1"') all.etag = '"{version}"';
    if (all.ratelimit !== undefined)
      all.ratelimit = all.ratelimit.replace(/r=[1-9]\d*/, 'r={requests}').replace(/t=\d+/, 't={seconds}');
    // The remaining time of a window or a batch differs from run to run.
    // It depends on the number of waiting images, which is counted once per second.
    if (status < 400 && 'retry-after' in all) all['retry-after'] = '{seconds}';
    if (status === 429 && all['ratelimit-policy']?.includes(';w=')) all['retry-after'] = '{seconds}';
    // It grows with the images that wait, whose count may be a second old: slow machines show a later one.
    if (status === 202 && all['retry-after'] === '2') all['retry-after'] = '1';
    if (all['upload-expires'] !== undefined) all['upload-expires'] = '{time}';
    // These depend on the language, which is not compared.
    delete all['content-language'];
    return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  return {
    add,
    async send(name, line, sending = {}) {
      const reply = await exchange(line, sending);
      add(name, line, sending, reply);
      return reply;
    },
    async sendInBoth(name, line, sending = {}) {
      const reply = await exchange(line, sending);
      add(name, line, sending, reply);
      const chinese = { ...sending, headers: { ...sending.headers, 'Accept-Language': 'zh-CN' } };
      const again = await exchange(line, chinese);
      if (reply.headers['content-language'] !== undefined)
        expect([reply.headers['content-language'], again.headers['content-language']]).toEqual(['en', 'zh']);
      add(name, line, sending, again, 'zh');
      return reply;
    },
    async settle(path, wanted) {
      await until(`${path} to be final`, 240, async () => {
        const { status, body } = await exchange(`GET ${path}`, { headers: { Prefer: 'wait=5' } });
        const is = String(body.status);
        const isReached = wanted === undefined ? !UNFINISHED.includes(is) : is === wanted;
        return status === 200 && isReached ? true : null;
      });
    },
    result: () => ({
      exchanges: toText(Object.fromEntries([...exchanges].map(([name, one]) => [name, recordedAs(one)]))),
      sentences: toText(Object.fromEntries(sentencesOf)),
      lines: [...exchanges.values()].map(({ request }) => request.line),
      codes: [...codes],
    }),
  };
}

const recordedAs = ({ request, response }: Exchange) =>
  abridge({ request, ...response }, { ...RESOURCES, ...PROBLEMS });

function problemOf(code: ErrorCode) {
  return { ...toProblem(code, TAKEN, 'en'), title: TAKEN, requestId: '{request id}' };
}

const toText = (value: unknown) => `${readableJson(value)}\n`;

function mapValues(
  values: Readonly<Record<string, string>>,
  map: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
