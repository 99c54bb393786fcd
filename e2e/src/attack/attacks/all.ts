import type { Attack } from '../attack.js';
import {
  batchFlood,
  batchRetries,
  cancelRetry,
  emptyObjects,
  headerSets,
  oneRowBatches,
  urlList,
  wideCells,
} from './batches.js';
import { expiredImages } from './expired-images.js';
import { expiryFlood, othersImages, replaceFlood } from './later.js';
import { heicFlood, pngTexts, slowDecodes, slowSingles } from './pictures.js';
import {
  batchWaits,
  eventReplays,
  listFlood,
  lookupFlood,
  rareMatches,
  signFlood,
  slowReaders,
  unknownIds,
  waits,
} from './reads.js';
import { retries } from './retries.js';
import { heldImages, slowReviewer } from './reviews.js';
import {
  csvBlankLines,
  csvQuotes,
  csvShortRows,
  csvWideHeader,
  jsonShapes,
  ndjsonBlankLines,
  ndjsonShapes,
} from './rows.js';
import { endlessForms, slowUploads } from './slow-bodies.js';
import {
  hugeHeaders,
  idleSockets,
  keyless,
  refusedBodies,
  slowHeaders,
  twoHosts,
  wrongKeys,
} from './sockets.js';
import { metadataAddress, slowSources } from './sources.js';
import {
  deleteFlood,
  finishedUploads,
  formParts,
  idempotencyKeys,
  largeRecords,
  uploadFlood,
} from './uploads.js';
import { failingWebhooks, webhookChurn } from './webhooks.js';
import { workbookReports, workbooks } from './workbooks.js';
import { zipFolders } from './zip.js';

/** Every attack: D1 to D11, then their variants. */
export const ATTACKS: readonly Attack[] = [
  csvBlankLines,
  ndjsonBlankLines,
  csvShortRows,
  csvWideHeader,
  csvQuotes,
  jsonShapes,
  ndjsonShapes,
  wideCells,
  urlList,
  slowUploads,
  headerSets,
  waits,
  batchWaits,
  expiredImages,
  twoHosts,
  zipFolders,
  workbooks,
  workbookReports,
  metadataAddress,
  emptyObjects,
  uploadFlood,
  batchFlood,
  unknownIds,
  idleSockets,
  slowHeaders,
  refusedBodies,
  hugeHeaders,
  wrongKeys,
  keyless,
  slowReaders,
  formParts,
  endlessForms,
  idempotencyKeys,
  finishedUploads,
  largeRecords,
  deleteFlood,
  listFlood,
  lookupFlood,
  rareMatches,
  oneRowBatches,
  cancelRetry,
  slowDecodes,
  slowSingles,
  pngTexts,
  slowSources,
  retries,
  batchRetries,
  eventReplays,
  failingWebhooks,
  webhookChurn,
  slowReviewer,
  heldImages,
  othersImages,
  replaceFlood,
  expiryFlood,
  signFlood,
  heicFlood,
];
