import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Profiles } from '@pixdock/contract/profile';
import type { ApiContext } from '../http/env.js';
import { invalid } from '../http/invalid.js';
import { queryBesideWait } from '../http/preferred-wait.js';
import { type Mapping, parseMapping } from './csv-columns.js';

const PARAMETERS = ['profile', 'columns', 'dryRun'];

/** @throws PixdockError invalid_request, unknown_profile */
export function parseQuery(
  c: ApiContext,
  isCsv: boolean,
  profiles: Profiles,
): { profile: string; mapping: Mapping } {
  return parseBatchOptions(queryBesideWait(c), isCsv, profiles);
}

/** As `parseQuery`, from names with their values. @throws PixdockError invalid_request, unknown_profile */
export function parseBatchOptions(
  given: Readonly<Record<string, string[]>>,
  isCsv: boolean,
  profiles: Profiles,
): { profile: string; mapping: Mapping } {
  for (const [name, values] of Object.entries(given)) {
    if (!PARAMETERS.includes(name)) throw invalid('unknown-parameter', { name });
    if (values.length > 1) throw invalid('repeated', { parameter: name });
  }
  const [profile = 'default'] = given['profile'] ?? [];
  const [columns] = given['columns'] ?? [];
  const [dryRun = 'false'] = given['dryRun'] ?? [];
  if (dryRun !== 'true' && dryRun !== 'false') throw invalid('dry-run-value');
  if (columns !== undefined && !isCsv) throw invalid('columns-without-csv');
  if (!profiles.has(profile))
    throw new PixdockError(
      'unknown_profile',
      detailOf('no-such-profile', { parameter: 'profile', value: profile, names: [...profiles.keys()] }),
    );
  return { profile, mapping: columns === undefined ? new Map() : parseMapping(columns) };
}
