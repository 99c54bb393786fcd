#!/usr/bin/env node
import { banner } from './banner.js';
import { readConfig } from './config.js';
import { startOssDev } from './start.js';

try {
  const config = readConfig(process.env);
  const oss = await startOssDev(config);
  console.log(banner(oss, config.dataDir));
  process.send?.({ type: 'ready', ...oss });

  const stop = () => {
    if (process.connected) process.disconnect();
    void oss.stop();
  };
  // The IPC channel closes when the parent exits, so this process exits with it.
  for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(event, stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
