import { sleep } from '@pixdock/shared/runtime/clock';
import { text } from '../messages/common.js';
import { CannotRun, type Context, EXIT, type ExitCode } from '../run-command.js';
import { openReader } from './facts.js';
import { judge } from './judge.js';
import { printStatus, toJson } from './print.js';

interface StatusOptions {
  watch?: boolean | undefined;
  json?: boolean | undefined;
  /** Base URL of the API. */
  api?: string | undefined;
}

const WATCH_EVERY_MS = 2000;

/** `pixdock-ops status`: tells whether the service is healthy, and what to do if not. */
export async function status(
  context: Context,
  { watch = false, json = false, api }: StatusOptions,
): Promise<ExitCode> {
  const { output, language } = context;
  if (api !== undefined && !(URL.canParse(api) && /^https?:$/.test(new URL(api).protocol)))
    throw new CannotRun(text('not-a-url', { url: api }), text('not-a-url.fix'));
  using reader = openReader({ ...context, language: json ? 'en' : language }, api);
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  if (watch) process.once('SIGINT', stop);
  try {
    for (;;) {
      const facts = await reader.read();
      const problems = judge(facts);
      if (watch) output.clear?.();
      if (json) output.out(toJson(facts, problems));
      else printStatus(facts, problems, language, output.out);
      if (watch) await sleep(WATCH_EVERY_MS, stopping.signal);
      if (!watch || stopping.signal.aborted) return problems.length === 0 ? EXIT.ok : EXIT.fault;
    }
  } finally {
    process.off('SIGINT', stop);
  }
}
