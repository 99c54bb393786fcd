import { languageOf } from '@pixdock/contract/messages/text';
import { text } from './messages/start.js';

const OLDEST = 24;
/** EX_CONFIG of sysexits.h: the settings or their environment are wrong, and a restart would not help. */
export const EXIT_CONFIG = 78;

/** Ends the process on a Node that is too old. Programs load their code afterwards: such a Node cannot parse all of it. */
export function requireNode(host: NodeJS.Process): void {
  const { node: version } = host.versions;
  if (Number.parseInt(version, 10) >= OLDEST) return;
  host.stderr.write(`${text('node-too-old', { oldest: OLDEST, version })[languageOf(host.env)]}\n`);
  host.exit(EXIT_CONFIG);
}
