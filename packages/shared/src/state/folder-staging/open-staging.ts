import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Logger } from '../../runtime/log.js';
import { makeFolder } from '../files/folder.js';
import { isThere } from '../files/optional-file.js';
import { findFullDisk } from '../space.js';
import { openStagingOn, type StagingMedium } from '../staged/open-staging-on.js';
import type { Staging, UnopenedStaging } from '../staging.js';
import { openArrival, openUploadedArrival } from './arrival.js';
import { openFolderBatches } from './folder-batches.js';
import { openFolderFiles } from './folder-files.js';
import { stagingLayout } from './layout.js';
import { localFile } from './local-file.js';
import { openOutputs } from './outputs.js';
import { openSourceArrival } from './source-arrival.js';
import { isWhole } from './source-file.js';
import { openStagedUploads } from './staged-uploads.js';
import { countByUse, openUsageCounter } from './usage-counter.js';
import { openLists } from './walk.js';

/** The folder of a staging, which only its backup needs to know. */
export const stagingFolder = (dataDir: string) => stagingLayout(dataDir).root;

/** The staging of a DATA_DIR. */
export function stagingAt(dataDir: string): UnopenedStaging {
  const layout = stagingLayout(dataDir);
  const { root } = layout;
  return {
    place: `${hostname()}:${dirname(root)}`,
    notes: openFolderFiles(root),
    exists: () => isThere(root),
    bytesByUse: () => countByUse(layout),
    openUsageCounter: () => openUsageCounter(layout),
    findFull: (space) => findFullDisk(root, space),
  };
}

/**
 * Opens the temporary storage on a disk that API and workers share. Creates its folders, readable by their owner only.
 * @param log for failures to remove files that are not accepted
 */
export async function openStaging(dataDir: string, log?: Logger): Promise<Staging> {
  const layout = stagingLayout(dataDir);
  const { root, incoming, live, outcomes, deletions } = layout;
  for (const folder of [root, incoming, live, outcomes, deletions, layout.batches, layout.uploads])
    await makeFolder(folder, { sync: true });
  await access(root, constants.W_OK);
  const medium = {
    ...stagingAt(dataDir),
    ...openLists(layout),
    files: openFolderFiles(root),
    batches: openFolderBatches(layout, log),
    uploads: openStagedUploads(layout, log),
    directUploads: null,
    outputs: openOutputs(layout),
    openArrival: (id) => openArrival(layout, id, log),
    openUploadedArrival: (id, uploadId) => openUploadedArrival(layout, id, uploadId, log),
    openSourceArrival: (record, from, maxBytes) => openSourceArrival(layout, record, from, maxBytes),
    openSource: async (id) => localFile(layout.source(id)),
    isSourceWhole: ({ id, source }) => isWhole(layout.source(id), source),
    hasOwnSource: ({ id, source }) => isWhole(layout.source(id), source),
  } satisfies StagingMedium;
  return openStagingOn(medium, log);
}
