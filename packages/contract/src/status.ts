export const STATUSES = ['queued', 'processing', 'published', 'failed', 'canceled', 'deleted'] as const;
export type Status = (typeof STATUSES)[number];

/** Those of images on which work is left. `lua/prelude.lua` names them, too. */
export const OPEN_STATUSES = ['queued', 'processing'] as const satisfies readonly Status[];
export type OpenStatus = (typeof OPEN_STATUSES)[number];
export const FINAL_STATUSES: readonly Status[] = STATUSES.filter((status) => !isOpenStatus(status));

/** Whether work is left on an image with this status. */
export function isOpenStatus(status: Status): status is OpenStatus {
  return OPEN_STATUSES.some((open) => open === status);
}

/** How many items of a batch with these counts are not final. */
export const countOpen = (counts: Readonly<Record<OpenStatus, number>>): number =>
  OPEN_STATUSES.reduce((sum, status) => sum + counts[status], 0);
