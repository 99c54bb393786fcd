import { link } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../runtime/log.js';
import { makeFolder } from '../files/folder.js';
import { isThere, removeFile } from '../files/optional-file.js';
import { eraseRow } from '../manifest/erase-row.js';
import { openItems } from '../manifest/manifest.js';
import type { BatchStore } from '../staged/staged-batches.js';
import { batchFiles } from '../staged/staged-names.js';
import { openBatchArrival } from './batch-arrival.js';
import type { StagingLayout } from './layout.js';
import { batchIds } from './walk.js';

/** The batches in a folder. */
export function openFolderBatches(layout: StagingLayout, log?: Logger): BatchStore {
  return {
    openArrival: (id) => openBatchArrival(layout, id, log),
    ids: () => batchIds(layout),
    isOpen: (_, entryName) => isThere(join(layout.root, entryName)),

    async openManifest(id, text, caches) {
      const files = batchFiles(layout.batch(id));
      const items = openItems(text, files, caches);
      return {
        ...items,
        async erase(place, isDeleted) {
          await eraseRow(items.batch, place, (other) => isDeleted(items.id(other)));
          items.forget(place);
        },
        archive: async () => ((await isThere(files.archive)) ? files.archive : null),
        hasShared: (place) => isThere(files.shared(place)),
        async share(place) {
          await makeFolder(files.materials);
          await link(layout.source(items.id(place)), files.shared(place)).catch((error) => {
            if (error.code !== 'EEXIST') throw error;
          });
        },
        dropShared: async (place) => void (await removeFile(files.shared(place))),
      };
    },
  };
}
