// Every status of images is in one of these groups, or is `published`.

/** Work is left on the image. `lua/prelude.lua` names these statuses, too. */
export const OPEN_STATUSES = ['queued', 'processing'] as const;
/** The image ended without being published, and has an error. */
export const UNPUBLISHED_STATUSES = ['failed', 'canceled'] as const;
/** The objects of the image are removed, and what it said is erased. */
export const DELETED_STATUSES = ['deleted'] as const;

export const FINAL_STATUSES = ['published', ...UNPUBLISHED_STATUSES, ...DELETED_STATUSES] as const;
export const STATUSES = [...OPEN_STATUSES, ...FINAL_STATUSES] as const;
export type OpenStatus = (typeof OPEN_STATUSES)[number];
export type UnpublishedStatus = (typeof UNPUBLISHED_STATUSES)[number];
export type DeletedStatus = (typeof DELETED_STATUSES)[number];
export type FinalStatus = (typeof FINAL_STATUSES)[number];
export type Status = (typeof STATUSES)[number];

const isOneOf =
  <S extends Status>(group: readonly S[]) =>
  (status: Status): status is S =>
    group.some((member) => member === status);

export const isOpenStatus = isOneOf(OPEN_STATUSES);
export const isUnpublishedStatus = isOneOf(UNPUBLISHED_STATUSES);
export const isDeletedStatus = isOneOf(DELETED_STATUSES);

/** An object with a value for each of the statuses. */
export function byStatus<S extends Status, T>(
  statuses: readonly S[],
  valueOf: (status: S) => T,
): Record<S, T> {
  return Object.fromEntries(statuses.map((status) => [status, valueOf(status)])) as Record<S, T>;
}

/** How many items of a batch have one of the statuses. An older API has no counts of newer statuses. */
export function countOf<S extends Status>(
  counts: Readonly<Partial<Record<S, number>>>,
  statuses: readonly S[],
): number {
  return statuses.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}

interface Deletable {
  status: Status;
  deleteRequestedAt: string | null;
}

/** Whether the deletion of an image is requested and not done. */
export function isBeingDeleted({ status, deleteRequestedAt }: Deletable): boolean {
  return deleteRequestedAt !== null && !isDeletedStatus(status);
}

/** Whether the image is deleted, or its deletion is requested. */
export function isOrWillBeDeleted({ status, deleteRequestedAt }: Deletable): boolean {
  return isDeletedStatus(status) || deleteRequestedAt !== null;
}

/** Whether an image has a final status and no pending deletion, so that only a request can change it. */
export function isSettled(image: Deletable): boolean {
  return !isOpenStatus(image.status) && !isBeingDeleted(image);
}
