import { PixdockError } from '@pixdock/contract/error';
import { WORKBOOK_TYPE } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import { checkProfile } from '@pixdock/contract/requirements';
import { declaredType } from '@pixdock/shared/state/files/declared-type';
import type { TargetBatch, TargetImage, UploadTarget } from '@pixdock/shared/state/uploads/upload-entry';
import { batchFormatOf } from '../batch-formats/batch-format.js';
import { BATCH_PARAMETERS, parseBatchOptions } from '../batch-formats/batch-options.js';
import { displayName } from '../body/filename.js';
import { misspelled } from '../body/form-problems.js';
import { isOption, meantOption, parseFormOptions } from '../body/options.js';
import type { ApiConfig } from '../config.js';
import { invalid } from '../http/invalid.js';
import type { Caller } from '../keys/keyring.js';

type Metadata = ReadonlyMap<string, string>;
type Profiles = Pick<ApiConfig, 'profiles'>;

/**
 * Reads from the metadata what an upload becomes: `resource` is `image` (the default) or `batch`, and the options are those of
 * POST /v1/images or POST /v1/batches. Other names are ignored, because upload libraries send some with each file.
 * @throws PixdockError invalid_request, unknown_profile, unsupported_media_type; forbidden for a batch with an upload token
 */
export function uploadTarget(metadata: Metadata, token: Caller['token'], config: Profiles): UploadTarget {
  const resource = metadata.get('resource') ?? 'image';
  for (const name of metadata.keys()) checkName(name);
  if (resource === 'image') return imageTarget(metadata, token, config);
  if (resource !== 'batch') throw invalid('upload-resource', { value: resource });
  if (token !== null) throw new PixdockError('forbidden', detailOf('token-not-allowed'));
  return batchTarget(metadata, config);
}

function checkName(name: string): void {
  const meant = isOption(name) ? null : meantOption(name);
  if (meant !== null) throw misspelled(name, meant);
}

function imageTarget(metadata: Metadata, token: Caller['token'], { profiles }: Profiles): TargetImage {
  const options = parseFormOptions(metadata, token);
  checkProfile(options.profile, profiles);
  return {
    resource: 'image',
    options,
    filename: fileName(metadata),
    declaredType: declaredType(fileType(metadata)),
  };
}

function batchTarget(metadata: Metadata, { profiles }: Profiles): TargetBatch {
  const filename = fileName(metadata);
  const contentType = batchType(fileType(metadata), filename);
  const given: Record<string, string[]> = {};
  for (const [name, value] of metadata) {
    if (BATCH_OPTIONS.includes(name)) given[name] = [value];
    else if (isOption(name)) throw invalid('upload-option', { name });
  }
  const { mapping: _, ...options } = parseBatchOptions(contentType, given, profiles);
  return { resource: 'batch', ...options, filename, columns: metadata.get('columns') ?? null };
}

const BATCH_OPTIONS = BATCH_PARAMETERS.filter((name) => name !== 'dryRun');

// The names of tus-js-client and Uppy, and those that Uppy sends beside them.
const fileName = (metadata: Metadata) => displayName(metadata.get('filename') ?? metadata.get('name'));
const fileType = (metadata: Metadata) => metadata.get('filetype') ?? metadata.get('type');

/** For types that browsers do not know, or name after a program: a CSV is `application/vnd.ms-excel` on Windows. */
const TYPE_BY_EXTENSION: Readonly<Record<string, string>> = {
  zip: 'application/zip',
  xlsx: WORKBOOK_TYPE,
  xlsm: WORKBOOK_TYPE,
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
};

/** @throws PixdockError unsupported_media_type */
function batchType(given: string | undefined, name: string | null): string {
  const extension = name?.split('.').at(-1)?.toLowerCase() ?? '';
  const ofName = Object.hasOwn(TYPE_BY_EXTENSION, extension) ? TYPE_BY_EXTENSION[extension] : undefined;
  if (given !== undefined && isBatchType(given)) return given;
  if (ofName !== undefined) return ofName;
  throw new PixdockError('unsupported_media_type', detailOf('batch-type'));
}

/** A form needs the Content-Type of its request. Any unknown type may be that of a workbook, but most are of something else. */
function isBatchType(type: string): boolean {
  const format = batchFormatOf(type);
  return type === WORKBOOK_TYPE || (format !== 'files' && format !== 'workbook');
}

/** A name, and a value in Base64. */
const PAIR =
  /^\s*([\x21-\x2b\x2d-\x7e]+)(?: ((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}={0,2}|[A-Za-z0-9+/]{3}=?)?))?\s*$/;

/** Parses `Upload-Metadata`. @throws PixdockError invalid_request */
export function parseUploadMetadata(header: string | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (header === undefined || header.trim() === '') return values;
  for (const pair of header.split(',')) {
    const [, name, value = ''] = PAIR.exec(pair) ?? [];
    if (name === undefined || values.has(name)) throw invalid('upload-metadata');
    values.set(name, decode(value));
  }
  return values;
}

function decode(base64: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    throw invalid('upload-metadata');
  }
}
