import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { makePictures, type Served } from './pictures.js';
import { type Rows, rowAt } from './rows.js';

/** The importer treats each as a separate host, and fetches only a few images from one host at a time. */
const HOSTS = 8;

export interface Sources {
  origins: readonly string[];
  /** Value for SOURCE_ALLOW. */
  allow: string;
  /** Makes the sources serve the URLs of these rows. */
  provide(rows: Rows): void;
  /** Number of requests for a URL, ignoring its query. */
  requests(url: string): number;
  stop(): Promise<void>;
}

/** Several sources whose behaviour depends on the URL. */
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
        // A flaky source serves a picture named after the row.
        if (url.includes('/flaky/')) images[externalId] = pictures.jpeg;
      }
    },
    requests(url) {
      const { origin, pathname } = new URL(url);
      return byOrigin.get(origin)?.hits(pathname) ?? 0;
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
