import { PixdockError } from '@pixdock/contract/error';
import type { Profiles } from '@pixdock/contract/profile';
import type { ApiContext } from '../http/env.js';
import { invalid, unknownParameter } from '../http/invalid.js';
import { shown } from '../http/shown.js';
import { type Mapping, parseMapping } from './csv-columns.js';

const PARAMETERS = ['profile', 'columns', 'dryRun'];

/** @throws PixdockError invalid_request, unknown_profile */
export function parseQuery(
  c: ApiContext,
  isCsv: boolean,
  profiles: Profiles,
): { profile: string; mapping: Mapping } {
  const given = c.req.queries();
  for (const [name, values] of Object.entries(given)) {
    if (!PARAMETERS.includes(name)) throw unknownParameter(name);
    if (values.length > 1)
      throw invalid(`The query parameter ${name} is there twice.`, `查询参数 ${name} 出现了两次。`);
  }
  const [profile = 'default'] = given['profile'] ?? [];
  const [columns] = given['columns'] ?? [];
  const [dryRun = 'false'] = given['dryRun'] ?? [];
  if (dryRun !== 'true' && dryRun !== 'false')
    throw invalid('dryRun is true or false.', 'dryRun 的值为 true 或 false。');
  if (columns !== undefined && !isCsv) throw invalid('columns is for CSV only.', 'columns 仅用于 CSV。');
  if (!profiles.has(profile)) {
    const names = [...profiles.keys()];
    throw new PixdockError('unknown_profile', {
      en: `There is no profile "${shown(profile)}"; this server has ${names.join(', ')}.`,
      zh: `没有名为“${shown(profile)}”的 profile；此服务器提供 ${names.join('、')}。`,
    });
  }
  return { profile, mapping: columns === undefined ? new Map() : parseMapping(columns) };
}
