import { type Item, itemSchema } from '@pixdock/contract/batch';
import { type Detail, detailOf, locate } from '@pixdock/contract/messages/detail';
import type { Profiles } from '@pixdock/contract/profile';
import type { NewItem } from '@pixdock/shared/state/batches/manifest-item';
import type { BatchArrival } from '@pixdock/shared/state/folder-staging/batch-arrival';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { MAX_HEADER_BYTES, MAX_HEADER_SETS } from '@pixdock/shared/state/manifest/header-sets';
import { fieldProblem } from '../http/field-problem.js';
import { withoutNulls } from '../http/without-nulls.js';
import { type Fault, rowFault, TOO_LONG_ROW, type UncheckedItem } from './unchecked-item.js';

const ITEM_FIELDS = Object.keys(itemSchema.shape);
const pictureSchema = itemSchema.partial({ url: true });

export interface ItemRules {
  /** The profile of items that name none. */
  profile: string;
  profiles: Profiles;
  takesHeaders: BatchArrival['takesHeaders'];
  /** Why a URL is forbidden, or null. Unset where the fetch decides. */
  forbiddenUrl?: ((url: string) => Detail | null) | undefined;
}

/** The item of a row; a failed item if the row is invalid. */
export function toItem(unchecked: UncheckedItem, rules: ItemRules): { item: NewItem; fault: Fault | null } {
  if (unchecked.fault !== null) return failed(unchecked, unchecked.fault, rules);
  const value = withoutNulls(unchecked.value, ITEM_FIELDS);
  const { picture } = unchecked;
  const parsed = (picture === undefined ? itemSchema : pictureSchema).safeParse(value);
  if (!parsed.success) {
    const { field, detail } = fieldProblem(parsed.error.issues, value, ITEM_FIELDS);
    // Each row stores its fault, so it does not list the known fields.
    const fault = detail.reason === 'unknown-field' ? detailOf('unknown-field', {}) : detail;
    return failed(unchecked, { field, detail: fault, code: 'invalid_row' }, rules);
  }
  const fault = faultOf(parsed.data, rules);
  if (fault !== null) return failed(unchecked, fault, rules);
  const { row, cells } = unchecked;
  const { url = '', headers, profile = rules.profile, ...rest } = parsed.data;
  const source =
    picture === undefined
      ? { origin: { kind: 'url' as const, url, headers } }
      : { filename: picture.filename, origin: picture.origin };
  return { item: newItem({ row, cells, ...rest, profile, ...source }), fault: null };
}

function faultOf(
  item: Omit<Item, 'url'> & { url?: string | undefined },
  { profiles, takesHeaders, forbiddenUrl }: ItemRules,
): Fault | null {
  if (item.profile !== undefined && !profiles.has(item.profile))
    return rowFault('profile', 'no-such-profile', { value: item.profile, names: [...profiles.keys()] });
  if (!takesHeaders(item.headers))
    return rowFault('headers', 'too-many-header-sets', {
      max: MAX_HEADER_SETS,
      maxBytes: MAX_HEADER_BYTES,
    });
  const detail = item.url === undefined ? null : (forbiddenUrl?.(item.url) ?? null);
  return detail === null ? null : { field: 'url', code: 'source_forbidden', detail };
}

function failed(unchecked: UncheckedItem, fault: Fault, rules: ItemRules) {
  const field = fault.field ?? undefined;
  const column = field === undefined ? undefined : unchecked.columnOf?.(field);
  const detail = locate(withoutShortValue(fault.detail), {
    row: unchecked.row,
    line: isShort(unchecked, fault) ? undefined : (unchecked.line ?? undefined),
    field,
    column: column === field ? undefined : column,
  });
  const { row, cells } = unchecked;
  const externalId = externalIdOf(unchecked.value);
  const error = storedError(fault.code, detail);
  return { item: newItem({ row, cells, profile: rules.profile, externalId, fault: error }), fault };
}

/** A line may take a limited multiple of the bytes of its row, so the shortest rows name no line that is not their number. */
function isShort({ row, line, cells }: UncheckedItem, fault: Fault): boolean {
  return row !== line && fault !== TOO_LONG_ROW && cells.join('').length <= 1;
}

/** For the same reason the shortest values are not quoted. */
function withoutShortValue({ reason, params: { value, ...params } }: Detail): Detail {
  return typeof value === 'string' && value.length > 1
    ? { reason, params: { ...params, value } }
    : { reason, params };
}

// The report shows the externalId of an invalid row, so that the caller finds the row.
function externalIdOf(value: unknown): string | null {
  const parsed = itemSchema.shape.externalId.safeParse(
    (value as { externalId?: unknown } | null)?.externalId,
  );
  return parsed.success ? parsed.data : null;
}

/** An item with what is known of it, and no more. */
export function newItem(known: Pick<NewItem, 'row' | 'cells' | 'profile'> & Partial<NewItem>): NewItem {
  return {
    externalId: null,
    metadata: {},
    sha256: null,
    deleteAfterSeconds: null,
    filename: null,
    declaredType: null,
    origin: null,
    fault: null,
    ...known,
  };
}
