import { keepOssPort, keptOssPort } from './data-dir.mjs';
import { hasCredentials, withLocalOss } from './oss-settings.mjs';
import { freePort } from './ports.mjs';
import { say } from './say.mjs';
import { ossService } from './services.mjs';

// The local OSS tells its port in every published URL, so it is best one that nobody gets by chance.
const PORTS = Array.from({ length: 20 }, (_, index) => 9010 + index);
const TRIES = 3;

/** Starts the local OSS at its port of the last time. @returns the environment of who uses it, and words for the summary. */
export async function startOss(stack, main, settings, folders) {
  if (hasCredentials(settings))
    say(
      'ALIBABA_CLOUD_… credentials are ignored: no ALIYUN_OSS_… setting names a bucket, so the local OSS is used.',
    );
  const kept = keptOssPort(folders.dataDir);
  const port = await startOnFreePort(kept === null ? PORTS : [kept, ...PORTS], (candidate) =>
    stack.start(ossService(main, candidate, settings, folders)),
  );
  // The first port stays the remembered one: the next start goes back to it, and old URLs work again.
  if (kept === null) keepOssPort(folders.dataDir, port);
  else if (port !== kept)
    say(
      `Port ${kept} of the local OSS is taken: it is at ${port} this time, and URLs published before lead nowhere until a start finds ${kept} free.`,
    );
  const environment = withLocalOss(settings, port);
  return { environment, words: `local stand-in, ${environment.ALIYUN_OSS_FILE_DOMAIN}` };
}

async function startOnFreePort(preferred, start) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? preferred : []);
    try {
      await start(port);
      return port;
    } catch (error) {
      // Somebody else may have got it between our look and its start.
      if (attempt === TRIES || !error.message.includes('EADDRINUSE')) throw error;
    }
  }
}
