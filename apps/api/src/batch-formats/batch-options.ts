import { type BatchFormat, REUSES, type Reuse } from '@pixdock/contract/batch';
import { batchNameSchema } from '@pixdock/contract/batch-name';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Profiles } from '@pixdock/contract/profile';
import { optionsSchema } from '@pixdock/contract/submission-options';
import { type BodyLimits, refusePartOfFile } from '../body/check-headers.js';
import { fileNameIn } from '../body/form-part.js';
import type { ApiContext } from '../http/env.js';
import { invalid, invalidParameter, unknownParameter } from '../http/invalid.js';
import { queryBesideWait, WAIT_PARAMETER } from '../http/preferred-wait.js';
import { batchFormatOf } from './batch-format.js';
import { bodyTooLarge } from './counted-body.js';
import { type Mapping, parseMapping } from './csv-columns.js';
import { givenEncoding } from './csv-encoding.js';
import type { ItemRules } from './to-item.js';

export const BATCH_PARAMETERS = [
  'profile',
  'columns',
  'sheet',
  'name',
  'reuse',
  'deleteAfterSeconds',
  'replace',
  'dryRun',
  'webhookUrl',
];
/** Formats that have columns; a form may contain a workbook. */
const WITH_COLUMNS: readonly BatchFormat[] = ['csv', 'workbook', 'files'];

/** What the headers and the query of a batch say about its body. */
export interface BatchOptions {
  contentType: string;
  profile: string;
  mapping: Mapping;
  /** The sheet of a workbook by its name; null for the first visible one. */
  sheet: string | null;
  name: string | null;
  /** That of the file, in Content-Disposition or in the metadata of an upload. */
  filename: string | null;
  webhookUrl: string | null;
  /** For items that do not set their own. */
  deleteAfterSeconds: number | null;
  /** Whether items replace older images with their externalId. */
  replace: boolean;
  /** Null if the query does not say: a form or JSON may. */
  reuse: Reuse[] | null;
}

export interface BatchLimits extends BodyLimits {
  maxBatchItems: number;
  maxBatchBytes: number;
  /** Nothing is created, so everything is checked that a person may want to know before. */
  isDryRun?: boolean;
  /** In a dry run: why a URL will not be fetched; null if nothing in the URL itself forbids it. */
  forbiddenUrl?: ItemRules['forbiddenUrl'];
}

/** The options of a batch in its query. Refuses a body by its headers, before any of it is sent. */
export function checkBatchHeaders(c: ApiContext, limits: BatchLimits): BatchOptions {
  refusePartOfFile(c);
  const contentType = c.req.header('Content-Type') ?? '';
  if (batchFormatOf(contentType) === 'csv') givenEncoding(contentType);
  const length = c.req.header('Content-Length');
  if (length !== undefined && Number(length) > limits.maxBatchBytes) throw bodyTooLarge(limits.maxBatchBytes);
  const filename = fileNameIn(c.req.header('Content-Disposition'));
  return { ...parseBatchOptions(contentType, queryBesideWait(c), limits.profiles), filename };
}

const textSchema = optionsSchema
  .pick({ webhookUrl: true, deleteAfterSeconds: true, replace: true })
  .extend({ name: batchNameSchema.nullable().default(null) });

/**
 * The options of a batch from names with their values.
 * @throws PixdockError invalid_request, unknown_profile, unsupported_media_type
 */
export function parseBatchOptions(
  contentType: string,
  given: Readonly<Record<string, string[]>>,
  profiles: Profiles,
): Omit<BatchOptions, 'filename'> {
  for (const [name, values] of Object.entries(given)) {
    if (!BATCH_PARAMETERS.includes(name)) throw unknownParameter(name, [...BATCH_PARAMETERS, WAIT_PARAMETER]);
    if (values.length > 1) throw invalid('repeated', { parameter: name });
  }
  const [profile = 'default'] = given['profile'] ?? [];
  const [columns] = given['columns'] ?? [];
  const [sheet = null] = given['sheet'] ?? [];
  const [dryRun = 'false'] = given['dryRun'] ?? [];
  if (dryRun !== 'true' && dryRun !== 'false') throw invalid('dry-run-value');
  if (columns !== undefined && !WITH_COLUMNS.includes(batchFormatOf(contentType)))
    throw invalid('columns-without-csv');
  if (!profiles.has(profile))
    throw new PixdockError(
      'unknown_profile',
      detailOf('no-such-profile', { parameter: 'profile', value: profile, names: [...profiles.keys()] }),
    );
  const texts = textSchema.safeParse(
    Object.fromEntries(Object.keys(textSchema.shape).map((name) => [name, given[name]?.[0]])),
  );
  if (!texts.success) throw invalidParameter(texts.error, { ...given }, BATCH_PARAMETERS);
  const mapping = columns === undefined ? new Map() : parseMapping(columns);
  const [reuse] = given['reuse'] ?? [];
  const options = { contentType, profile, mapping, sheet, ...texts.data };
  return { ...options, reuse: reuse === undefined ? null : parseReuse(reuse) };
}

/** Parses `url`, `content` or `url,content`. @throws PixdockError invalid_request */
export function parseReuse(text: string): Reuse[] {
  const given = text.split(',').map((one) => one.trim());
  if (!given.every((one) => (REUSES as readonly string[]).includes(one)))
    throw invalid('reuse-value', { value: text });
  return REUSES.filter((one) => given.includes(one));
}
