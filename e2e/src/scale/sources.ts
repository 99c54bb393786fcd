import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { makePictures, type Served } from './pictures.js';
import { type Rows, rowAt } from './rows.js';

/** Each is a host of its own to the importer, which takes no more than a few of one at a time. */
const HOSTS = 8;

export interface Sources {
  origins: readonly string[];
  /** As SOURCE_ALLOW takes it. */
  allow: string;
  /** Has what the rows ask for. */
  provide(rows: Rows): void;
  /** How often an address was asked for; what comes after `?` is not told apart. */
  asked(url: string): number;
  stop(): Promise<void>;
}

/** Several sources that do what the address says. */
export async function startSources(): Promise<Sources> {
  const pictures = await makePictures();
  const images: Record<string, Served> = { ...pictures };
  const servers = await Promise.all(Array.from({ length: HOSTS }, () => startSourceServer({ images })));
  const byOrigin = new Map<string, SourceServer>(servers.map((server) => [server.url, server]));
  return {
    origins: servers.map(({ url }) => url),
    allow: servers.map(({ host }) => host).join(),
    provide(rows) {
      for (let place = 0; place < rows.total; place++) {
        const { externalId, url } = rowAt(rows, place);
        // A flaky source serves the picture that has the name of the row.
        if (url.includes('/flaky/')) images[externalId] = pictures.jpeg;
      }
    },
    asked(url) {
      const { origin, pathname } = new URL(url);
      return byOrigin.get(origin)?.hits(pathname) ?? 0;
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
