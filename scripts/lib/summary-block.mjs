import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SUMMARY } from '../messages/summary.mjs';
import { ROOT } from './root.mjs';
import { lineOf } from './say.mjs';

/** What runs where, and the one command to try. */
export function summaryBlock({ dataDir, apiUrl, consoleUrl, lanes, redis, oss, servicesEnv, key }) {
  // Where the terminal's own Node is too old, ours is there.
  const installed = join(ROOT, 'node_modules/.bin/node');
  const node = existsSync(installed) ? installed : 'node';
  const ops = [node, `--env-file=${servicesEnv}`, join(ROOT, 'apps/ops/dist/main.js'), '--help'];
  const table = [
    [SUMMARY.consoleLabel(), SUMMARY.console({ url: consoleUrl })],
    ['API', SUMMARY.api({ url: apiUrl })],
    ['Worker', SUMMARY.worker({ lanes })],
    ['Redis', redis],
    ['OSS', oss],
    [SUMMARY.dataLabel(), dataDir],
    [SUMMARY.logsLabel(), join(dataDir, 'logs')],
    [SUMMARY.opsLabel(), ops.map(shellQuote).join(' ')],
    [SUMMARY.keyLabel(), key === null ? SUMMARY.ownKey() : SUMMARY.key(key)],
  ].map(([label, value]) => [lineOf(label), lineOf(value)]);
  const width = Math.max(...table.map(([label]) => columnsOf(label)));
  const rows = table.map(([label, value]) => `  ${label}${' '.repeat(width - columnsOf(label))} ${value}`);
  const headers = `-H 'Authorization: Bearer ${key?.key ?? 'YOUR_KEY'}' -H 'Prefer: wait=60'`;
  const photo = curlFile('file', join(ROOT, 'examples', 'photo.jpg'));
  return SUMMARY.running({ rows, curl: `curl -sS ${headers} -F ${photo} ${apiUrl}/v1/images` });
}

/** Chinese characters have two columns in a terminal. */
const columnsOf = (text) => text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0);

/** The `-F` argument of curl that sends a file. Paths with `;` or `,` need curl quotes inside the shell quotes. */
export function curlFile(field, path) {
  const plain = !/[;,"\\]/.test(path);
  const quoted = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return shellQuote(`${field}=@${plain ? path : quoted}`);
}

/** Quotes text as one word of a POSIX shell, unless it needs no quotes. */
export const shellQuote = (text) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
