import { sleep } from '@pixdock/shared/runtime/clock';
import { get, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { postAsBob } from '../post-as-bob.js';
import { idsIn, NDJSON, pathOf, rowsOf } from './support.js';

const PUBLISHED_WITHIN_S = 10;
/** By then alice's images use all fetch slots that they can get. */
const SOURCES_TAKEN_MS = 5000;

export const slowSources: Attack = {
  name: 'slow-sources',
  about:
    "images from sources that never respond, send a byte at a time or change the protocol; bob's image from another source must not wait",
  async run(alice, size) {
    const single = alice.sources.flatMap((source) =>
      ['/stall', '/drip?ms=500', '/stall-body', '/upgrade'].map((path) =>
        post('/v1/images', 'application/json', JSON.stringify({ url: `${source}${path}` })),
      ),
    );
    await alice.flood({
      connections: 8,
      total: 64 * size,
      request: (n) => single[n % single.length] ?? [],
    });
    for (const source of alice.sources)
      await alice.send(post('/v1/batches', NDJSON, rowsOf(source, '/stall', 10 * size)));
    await alice.wait(20_000);
  },
  async beside({ api, source }, signal) {
    await sleep(SOURCES_TAKEN_MS, signal);
    const body = Buffer.from(JSON.stringify({ url: `${source}/image/photo` }));
    const status = await postAsBob(api, 'application/json', body, PUBLISHED_WITHIN_S);
    return status === '201' ? [] : [`bob's image by URL: ${status} after ${PUBLISHED_WITHIN_S} s`];
  },
};

export const metadataAddress: Attack = {
  name: 'metadata-address',
  about: 'D8: 168.63.129.16, the metadata service of Azure, is refused as a source',
  async run(alice) {
    const body = JSON.stringify({ url: 'http://168.63.129.16/a.jpg' });
    const headers = { Prefer: 'wait=15' };
    const submitted = await alice.send(post('/v1/images', 'application/json', body, headers), {
      keepsBody: true,
    });
    const { body: image } = await alice.send(get(pathOf(idsIn([submitted.body])[0] ?? '')), {
      keepsBody: true,
    });
    if (!image.includes('"source_forbidden"'))
      alice.finding(`168.63.129.16 was not refused: ${image.slice(0, 200)}`);
  },
};
