export const STATUSES = ['queued', 'processing', 'published', 'failed', 'canceled', 'deleted'] as const;
export type Status = (typeof STATUSES)[number];

/** Those of images on which work is left. `lua/prelude.lua` names them, too. */
export const OPEN_STATUSES = ['queued', 'processing'] as const satisfies readonly Status[];
export type OpenStatus = (typeof OPEN_STATUSES)[number];
export type FinalStatus = Exclude<Status, OpenStatus>;
export const FINAL_STATUSES = STATUSES.filter((status): status is FinalStatus => !isOpenStatus(status));

/** Whether work is left on an image with this status. */
export function isOpenStatus(status: Status): status is OpenStatus {
  return OPEN_STATUSES.some((open) => open === status);
}

interface Deletable {
  status: Status;
  deleteRequestedAt: string | null;
}

/** Whether the deletion of an image is requested and not done. */
export function isBeingDeleted({ status, deleteRequestedAt }: Deletable): boolean {
  return deleteRequestedAt !== null && status !== 'deleted';
}

/** Whether an image has a final status and no pending deletion, so that only a request can change it. */
export function isSettled(image: Deletable): boolean {
  return !isOpenStatus(image.status) && !isBeingDeleted(image);
}

/** How many items of a batch with these counts are not final. */
export const countOpen = (counts: Readonly<Record<OpenStatus, number>>): number =>
  OPEN_STATUSES.reduce((sum, status) => sum + counts[status], 0);
