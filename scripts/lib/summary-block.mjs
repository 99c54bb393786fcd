import { join } from 'node:path';
import { curlFile, shellQuote } from './shell-quote.mjs';

/** What runs where, and the one command to try. */
export function summaryBlock({ root, dataDir, apiUrl, lanes, redis, oss, servicesEnv, key }) {
  const rows = [
    ['API', `${apiUrl}  (contract: ${apiUrl}/openapi.json)`],
    ['Worker', `1 process, ${lanes} decode ${Number(lanes) === 1 ? 'lane' : 'lanes'}`],
    ['Redis', redis],
    ['OSS', oss],
    ['Data', dataDir],
    ['Logs', join(dataDir, 'logs')],
    ['Ops', opsCommand({ root, servicesEnv })],
    ['Key', key === null ? 'yours, from API_KEYS' : `${key.key}  (owner ${key.owner})`],
  ];
  return [
    '',
    'Pixdock is running.',
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(7)} ${value}`),
    '',
    'Upload an image and wait for its URL ("url" in the answer is the published image):',
    '',
    exampleCurl({ root, apiUrl, key: key?.key ?? 'YOUR_KEY' }),
    '',
    'Stop with Ctrl-C.',
    '',
  ].join('\n');
}

function opsCommand({ root, servicesEnv }) {
  const words = ['node', `--env-file=${servicesEnv}`, join(root, 'apps/ops/dist/main.js'), '--help'];
  return words.map(shellQuote).join(' ');
}

function exampleCurl({ root, apiUrl, key }) {
  const photo = curlFile('file', join(root, 'examples', 'photo.jpg'));
  const headers = [`Authorization: Bearer ${key}`, 'Prefer: wait=60'];
  const words = [...headers.flatMap((header) => ['-H', `'${header}'`]), '-F', photo];
  return ['curl -sS', ...words, `${apiUrl}/v1/images`].join(' ');
}
