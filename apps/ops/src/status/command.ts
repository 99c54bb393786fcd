import { languageOf } from '@pixdock/contract/messages/language';
import type { Language } from '@pixdock/contract/messages/text';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { fresh } from '@pixdock/shared/runtime/fresh';
import { connectRedis, type RedisConnection } from '@pixdock/shared/runtime/redis';
import { refusalOf } from '@pixdock/shared/runtime/redis-check';
import { readCommonSettings } from '@pixdock/shared/runtime/settings';
import { openOutcomeCounts } from '@pixdock/shared/state/records/outcome-counts';
import { openServiceState } from '@pixdock/shared/state/service-state';
import { findFullRedis } from '@pixdock/shared/state/space';
import type { Environment } from '../dot-env.js';
import { text } from '../messages/common.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { CannotRun, runCommand } from '../run-command.js';
import type { Facts } from './facts.js';
import { judge } from './judge.js';
import { printStatus, toJson } from './print.js';
import { readApi } from './read-api.js';
import { readStaging } from './read-staging.js';

interface StatusOptions {
  watch?: boolean | undefined;
  json?: boolean | undefined;
  /** Base URL of the API. */
  api?: string | undefined;
}

const WATCH_EVERY_MS = 2000;
/** A count of staging reads every file. */
const COUNT_EVERY_MS = 10_000;
const CONNECT_MS = 3000;

/** `pixdock-ops status`: tells whether the service is healthy, and what to do if not. */
export function status(
  environment: Environment,
  output: Output,
  { watch = false, json = false, api }: StatusOptions,
): Promise<ExitCode> {
  const language = json ? 'en' : languageOf(environment);
  return runCommand(
    async () => {
      if (api !== undefined && !(URL.canParse(api) && /^https?:$/.test(new URL(api).protocol)))
        throw new CannotRun(text('not-a-url', { url: api }), text('not-a-url.fix'));
      const reader = openReader(environment, language, api);
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
        reader.stop();
      }
    },
    output,
    language,
  );
}

interface Reader {
  read(): Promise<Facts>;
  stop(): void;
}

/** @throws SettingsError */
function openReader(environment: Environment, language: Language, api: string | undefined): Reader {
  const { settings, host, port } = readSettings(
    environment,
    (read) => ({
      settings: readCommonSettings(read),
      host: read.text('HOST', '127.0.0.1'),
      port: read.port('PORT', 3000),
    }),
    language,
  );
  const { dataDir, stagingMaxBytes } = settings;
  const url = api ?? `http://${/^(0\.0\.0\.0|::)$/.test(host) ? '127.0.0.1' : host}:${port}`;
  let lastError: Error | null = null;
  const redis = connectRedis(settings.redis, 'patient', (error) => {
    lastError = error;
  });
  const readAll = openRedisReader(redis, settings.redis.prefix, () => lastError);
  const countStaging = fresh(() => readStaging(dataDir, stagingMaxBytes), COUNT_EVERY_MS);
  return {
    async read() {
      const [redisState, staging, apiState] = await Promise.all([
        readAll(),
        countStaging(),
        readApi(url, api !== undefined),
      ]);
      return { redis: redisState, staging, dataDir, api: apiState };
    },
    stop: () => redis.disconnect(),
  };
}

function openRedisReader(
  redis: RedisConnection,
  prefix: string,
  lastError: () => Error | null,
): () => Promise<Facts['redis']> {
  const readState = openServiceState(redis, prefix);
  const outcomeCounts = openOutcomeCounts(redis, prefix);
  return async () => {
    const timeout = new AbortController();
    const late = sleep(CONNECT_MS, timeout.signal).then(() => {
      throw lastError() ?? new Error('no response');
    });
    late.catch(() => {});
    try {
      const reads = Promise.all([readState(), outcomeCounts.read(), findFullRedis(redis)]);
      const [state, outcomes, full] = await Promise.race([reads, late]);
      return { isUp: true, state, outcomes, full };
    } catch (error) {
      const { message } = asError(error);
      return { isUp: false, reason: message, fix: refusalOf(asError(error), '')?.fix ?? null };
    } finally {
      timeout.abort();
    }
  };
}
