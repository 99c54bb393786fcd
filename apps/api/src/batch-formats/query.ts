import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Profiles } from '@pixdock/contract/profile';
import { optionsSchema } from '@pixdock/contract/submission-options';
import type { ApiContext } from '../http/env.js';
import { invalid, invalidParameter, unknownParameter } from '../http/invalid.js';
import { queryBesideWait, WAIT_PARAMETER } from '../http/preferred-wait.js';
import { type Mapping, parseMapping } from './csv-columns.js';

const PARAMETERS = ['profile', 'columns', 'dryRun', 'webhookUrl'];

export interface BatchOptions {
  profile: string;
  mapping: Mapping;
  webhookUrl: string | null;
}

const webhookSchema = optionsSchema.pick({ webhookUrl: true });

/** @throws PixdockError invalid_request, unknown_profile */
export function parseQuery(c: ApiContext, isCsv: boolean, profiles: Profiles): BatchOptions {
  return parseBatchOptions(queryBesideWait(c), isCsv, profiles);
}

/** As `parseQuery`, from names with their values. @throws PixdockError invalid_request, unknown_profile */
export function parseBatchOptions(
  given: Readonly<Record<string, string[]>>,
  isCsv: boolean,
  profiles: Profiles,
): BatchOptions {
  for (const [name, values] of Object.entries(given)) {
    if (!PARAMETERS.includes(name)) throw unknownParameter(name, [...PARAMETERS, WAIT_PARAMETER]);
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
  const webhook = webhookSchema.safeParse({ webhookUrl: given['webhookUrl']?.[0] });
  if (!webhook.success) throw invalidParameter(webhook.error, { ...given }, PARAMETERS);
  const mapping = columns === undefined ? new Map() : parseMapping(columns);
  return { profile, mapping, ...webhook.data };
}
