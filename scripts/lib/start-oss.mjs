import { START } from '../messages/start.mjs';
import { SUMMARY } from '../messages/summary.mjs';
import { keepOssPort, keptOssPort } from './data-dir.mjs';
import { hasCredentials, withLocalOss } from './oss-settings.mjs';
import { freePort } from './ports.mjs';
import { say } from './say.mjs';
import { ossService } from './services.mjs';

// Published URLs contain the port of the local OSS, so it lies outside the range that systems choose from.
const PORTS = Array.from({ length: 20 }, (_, index) => 9010 + index);
const TRIES = 3;

/** Starts the local OSS at its last port. @returns the environment of its users, and a line for the summary. */
export async function startOss(stack, main, settings, context) {
  if (hasCredentials(settings)) say(START.credentialsIgnored());
  const kept = keptOssPort(context.dataDir);
  const oss = await startOnFreePort(kept === null ? PORTS : [kept, ...PORTS], (port) =>
    stack.start(ossService(main, port, settings, context)),
  );
  // The first port stays the remembered one: the next start returns to it, and old URLs work again.
  if (kept === null) keepOssPort(context.dataDir, oss.port);
  else if (oss.port !== kept) say(START.ossPortTaken({ kept, port: oss.port }));
  const environment = withLocalOss(settings, oss);
  return { environment, words: SUMMARY.localOss({ url: environment.ALIYUN_OSS_FILE_DOMAIN }) };
}

async function startOnFreePort(preferred, start) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort(attempt === 1 ? preferred : []));
    } catch (error) {
      // Another program may take the port before the local OSS listens.
      if (attempt === TRIES || !error.message.includes('EADDRINUSE')) throw error;
    }
  }
}
