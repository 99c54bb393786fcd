import { SettingsError } from './env.js';
import { asError } from './errors.js';
import { createLog, type Logger } from './log.js';

/** As sysexits.h has it: the settings are wrong, so starting again changes nothing. */
const EXIT_CONFIG = 78;

interface Running {
  /** What a launcher shows: where it is reached. */
  url?: string;
  stop(): Promise<void>;
}

/**
 * The life of a service process: read settings, start, tell a parent that it is ready, stop in order on SIGTERM, SIGINT or
 * when the parent is gone; a second signal forces.
 */
export async function runProcess<C extends { logLevel: string }>(
  name: string,
  readConfig: () => C,
  start: (config: C, log: Logger) => Promise<Running>,
): Promise<void> {
  let log = createLog(name);
  try {
    const config = readConfig();
    log = createLog(name, config.logLevel);
    const running = await start(config, log);
    stopOnRequest(running, log);
    log.info({ url: running.url }, 'ready');
    process.send?.({ type: 'ready', url: running.url });
  } catch (error) {
    if (error instanceof SettingsError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(EXIT_CONFIG);
    }
    log.fatal({ err: asError(error) }, 'cannot start');
    process.exit(1);
  }
}

function stopOnRequest(running: Running, log: Logger): void {
  let asked = false;
  const stop = (reason: string) => {
    if (asked) {
      log.warn({ reason }, 'forced to stop');
      process.exit(1);
    }
    asked = true;
    log.info({ reason }, 'stopping');
    running.stop().then(
      () => {
        log.info('stopped');
        if (process.connected) process.disconnect();
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
    if (!asked) stop('parent is gone');
  });
}
