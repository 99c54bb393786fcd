import { type Item, itemSchema } from '@pixdock/contract/batch';
import type { Profiles } from '@pixdock/contract/profile';
import type { BatchArrival } from '@pixdock/shared/state/batches/arrival';
import { MAX_HEADER_BYTES, MAX_HEADER_SETS } from '@pixdock/shared/state/batches/header-sets';
import type { NewItem } from '@pixdock/shared/state/records/manifest-item';
import { wordsOfIssue } from '../http/issue-words.js';
import { detailOf, type Fault, rowFault, type UncheckedRow } from './unchecked-row.js';

export interface ItemRules {
  /** The profile of items that name none. */
  profile: string;
  profiles: Profiles;
  takesHeaders: BatchArrival['takesHeaders'];
}

/** The item of a row; a failed item if the row is invalid. */
export function toItem(draft: UncheckedRow, rules: ItemRules): { item: NewItem; fault: Fault | null } {
  if (draft.fault !== null) return failed(draft, draft.fault, rules);
  const parsed = itemSchema.safeParse(draft.value);
  if (!parsed.success) {
    const { field, says } = wordsOfIssue(parsed.error.issues[0], draft.value);
    return failed(draft, rowFault(field, says.en, says.zh), rules);
  }
  const fault = faultOf(parsed.data, rules);
  if (fault !== null) return failed(draft, fault, rules);
  const { url, headers, profile, ...rest } = parsed.data;
  return {
    item: {
      ...baseOf(draft, rules),
      ...rest,
      profile: profile ?? rules.profile,
      origin: { kind: 'url', url, headers },
    },
    fault: null,
  };
}

function faultOf(item: Item, { profiles, takesHeaders }: ItemRules): Fault | null {
  if (item.profile !== undefined && !profiles.has(item.profile)) {
    const names = [...profiles.keys()];
    return rowFault(
      'profile',
      `there is no profile "${item.profile}"; this server has ${names.join(', ')}`,
      `没有名为“${item.profile}”的 profile；此服务器提供 ${names.join('、')}`,
    );
  }
  if (!takesHeaders(item.headers))
    return rowFault(
      'headers',
      `one batch can have ${MAX_HEADER_SETS} different sets of headers, ${MAX_HEADER_BYTES / 1024} KiB together`,
      `一个批次最多 ${MAX_HEADER_SETS} 组不同的请求头，合计不超过 ${MAX_HEADER_BYTES / 1024} KiB`,
    );
  return null;
}

function failed(draft: UncheckedRow, fault: Fault, rules: ItemRules) {
  const detail = detailOf(draft.row, fault);
  const externalId = externalIdOf(draft.value);
  return { item: { ...baseOf(draft, rules), externalId, fault: { code: fault.code, detail } }, fault };
}

// The report shows the externalId of an invalid row, so that the caller finds the row.
function externalIdOf(value: unknown): string | null {
  const parsed = itemSchema.shape.externalId.safeParse(
    (value as { externalId?: unknown } | null)?.externalId,
  );
  return parsed.success ? parsed.data : null;
}

function baseOf({ row, cells }: UncheckedRow, { profile }: ItemRules): NewItem {
  return {
    row,
    cells,
    profile,
    externalId: null,
    metadata: {},
    sha256: null,
    filename: null,
    declaredType: null,
    origin: null,
    fault: null,
  };
}
