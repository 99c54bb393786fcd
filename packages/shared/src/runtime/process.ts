import type { Language } from '@pixdock/contract/messages/text';
import { languageOf } from '@pixdock/contract/messages/text';
import { asError } from './as-error.js';
import { createLog, type Logger, type Places } from './log.js';
import { say } from './messages/settings.js';
import { mistypedSettings } from './mistyped-settings.js';
import { hostsOf } from './redis-check.js';
import { EXIT_CONFIG } from './require-node.js';
import { SettingsError } from './settings-error.js';
import { dataDirFault, StartFault } from './start-fault.js';
import { flushTraces } from './trace.js';

/** Above the drain time of every part, and below the 30 s after which platforms commonly kill. */
const STOP_MS = 28_000;

interface Config {
  logLevel: string;
  dataDir: string;
  redis: { url: string };
  store: { endpoint: string };
}

interface Running {
  /** The address, for the launcher to show. */
  url?: string;
  stop(): Promise<void>;
}

/**
 * Runs a service process: reads the settings, starts, reports to the parent that it is ready, and stops in order on SIGTERM,
 * SIGINT or when the parent is gone. A second signal or a slow stop exits immediately. So does an unhandled error: accepted
 * work is safe in staging, and no supervisor would restart a half-dead process.
 */
export async function runProcess<C extends Config>(
  name: string,
  environment: NodeJS.ProcessEnv,
  readConfig: (environment: NodeJS.ProcessEnv, language: Language) => C,
  start: (config: C, log: Logger) => Promise<Running>,
): Promise<void> {
  const language = languageOf(environment);
  let log = createLog(name);
  let config: C | null = null;
  // Unhandled rejections arrive here, too.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: asError(error) }, 'unhandled fault');
    process.exit(1);
  });
  try {
    config = readConfig(environment, language);
    log = createLog(name, { level: config.logLevel, places: placesOf(config) });
    for (const { name: typed, meant } of mistypedSettings(environment))
      log.warn(
        { fix: say('en', 'mistyped.fix', { meant }) },
        `${typed} ${say('en', 'mistyped')} and has no effect`,
      );
    const running = await start(config, log);
    stopOnRequest(running, log);
    log.info({ url: running.url }, 'ready');
    process.send?.({ type: 'ready', url: running.url });
  } catch (error) {
    const late = error instanceof StartFault ? error : config && dataDirFault(error, config.dataDir);
    const fault = late?.toSettingsError(language) ?? error;
    if (fault instanceof SettingsError) {
      process.stderr.write(`${fault.message}\n`);
      process.exit(EXIT_CONFIG);
    }
    log.fatal({ err: asError(error) }, 'cannot start');
    process.exit(1);
  }
}

function placesOf({ dataDir, redis, store }: Config): Places {
  const hosts = hostsOf(redis.url)
    .split(',')
    .map((host) => [host, 'REDIS_URL'] as const);
  const endpoint = [new URL(store.endpoint).host, 'ALIYUN_OSS_ENDPOINT'] as const;
  return [[dataDir, 'DATA_DIR'] as const, ...[...hosts, endpoint].flatMap(withoutPort)].filter(
    ([place]) => place.length > 1,
  );
}

/** The forms of a host in errors of connections and look-ups. */
function withoutPort([host, setting]: readonly [string, string]): Places {
  const name = host.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  return [
    [host, setting],
    [`${name}${host.slice(host.lastIndexOf(':'))}`, setting],
    [name, setting],
  ];
}

function stopOnRequest(running: Running, log: Logger): void {
  let isStopping = false;
  const force = (reason: string) => {
    log.warn({ reason }, 'forced to stop');
    process.exit(1);
  };
  const stop = (reason: string) => {
    if (isStopping) force(reason);
    isStopping = true;
    log.info({ reason }, 'stopping');
    setTimeout(() => force('it takes too long'), STOP_MS).unref();
    running.stop().then(
      async () => {
        log.info('stopped');
        await flushTraces();
        // Node may not exit otherwise: it waits in a busy loop for requests of closed sockets (nodejs/node#47748).
        process.exit(0);
      },
      (error) => {
        log.error({ err: asError(error) }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => {
    if (!isStopping) stop('parent is gone');
  });
}
