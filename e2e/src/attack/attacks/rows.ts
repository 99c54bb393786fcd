import type { Alice } from '../alice/alice.js';
import { post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { BATCHES, CSV, DRY_RUN, KIB, MIB, NDJSON } from './support.js';

const CONNECTIONS = 8;
const JSON_TYPE = 'application/json';
const COLUMNS = Array.from({ length: 20 }, (_, n) => `column${n}`).join();
const WIDE_HEADER = `url,${Array.from({ length: 900 }, (_, n) => `c${n}`).join()}\n`;

/** Sends each body equally often, alternating between a batch and a dry run. */
async function sendBodies(
  alice: Alice,
  type: string,
  bodies: readonly string[],
  times: number,
): Promise<void> {
  const buffers = bodies.map((body) => Buffer.from(body));
  const requests = [BATCHES, DRY_RUN].flatMap((path) => buffers.map((body) => post(path, type, body)));
  await alice.flood({
    connections: CONNECTIONS,
    total: times * bodies.length,
    request: (n) => requests[n % requests.length] ?? [],
  });
}

export const csvBlankLines: Attack = {
  name: 'csv-blank-lines',
  about: 'D1: CSV of 100 to 500 KB of empty lines, many at once',
  run: (alice, size) =>
    sendBodies(
      alice,
      CSV,
      [100, 300, 500].map((kib) => `url\n${'\n'.repeat(kib * KIB)}`),
      8 * size,
    ),
};

export const ndjsonBlankLines: Attack = {
  name: 'ndjson-blank-lines',
  about: 'D1: NDJSON of 500 KB of empty lines, many at once',
  run: (alice, size) =>
    sendBodies(alice, NDJSON, ['\n'.repeat(500 * KIB), ' \r\n'.repeat(170 * KIB)], 12 * size),
};

export const csvShortRows: Attack = {
  name: 'csv-short-rows',
  about: 'D1: CSV rows that are shorter or longer than the header',
  run: (alice, size) =>
    sendBodies(
      alice,
      CSV,
      ['x\n', ',\n', 'x,,\n,\n', `${','.repeat(40)}\n`].map(
        (row) => `url,${COLUMNS}\n${row.repeat((200 * KIB) / row.length)}`,
      ),
      6 * size,
    ),
};

export const csvWideHeader: Attack = {
  name: 'csv-wide-header',
  about: 'D1: 20 MB of short rows under a header of 901 columns',
  run: (alice, size) => sendBodies(alice, CSV, [`${WIDE_HEADER}${',\n'.repeat(10 * MIB)}`], size),
};

export const csvQuotes: Attack = {
  name: 'csv-quotes',
  about: 'D1: CSV that is nothing but quotes, or one quote that never ends',
  run: (alice, size) =>
    sendBodies(
      alice,
      CSV,
      [
        `url\n${'"'.repeat(500 * KIB)}`,
        `url\n"${'x\n'.repeat(250 * KIB)}`,
        `url\n${'""\n'.repeat(170 * KIB)}`,
        `url\n${'"a"b\n'.repeat(100 * KIB)}`,
        '"\n'.repeat(250 * KIB),
      ],
      5 * size,
    ),
};

export const jsonShapes: Attack = {
  name: 'json-shapes',
  about: 'D1: JSON that is deep, long, or full of members, as batches and as dry runs',
  run: (alice, size) =>
    sendBodies(
      alice,
      JSON_TYPE,
      [
        `{"items":[${'['.repeat(500 * KIB)}`,
        `{"items":[${'{},'.repeat(170 * KIB)}{}]}`,
        `{"items":[${'0,'.repeat(250 * KIB)}0]}`,
        `{"items":[{${'"a":1,'.repeat(80 * KIB)}"b":1}]}`,
        `{"items":[{"url":"${'\\u0041'.repeat(80 * KIB)}"}]}`,
        ' '.repeat(500 * KIB),
      ],
      4 * size,
    ),
};

export const ndjsonShapes: Attack = {
  name: 'ndjson-shapes',
  about: 'D1: NDJSON lines that are deep, long or not JSON, as batches and as dry runs',
  run: (alice, size) =>
    sendBodies(
      alice,
      NDJSON,
      [
        `${'['.repeat(60 * KIB)}\n`.repeat(8),
        `{"metadata":{${'"k":"v",'.repeat(7000)}"z":"z"}}\n`.repeat(8),
        'x\n'.repeat(50 * KIB),
        `{"url":"http://127.0.0.1/","externalId":"${'x'.repeat(60 * KIB)}"}\n`.repeat(8),
      ],
      6 * size,
    ),
};
