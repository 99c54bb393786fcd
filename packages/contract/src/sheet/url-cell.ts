/** A cell that begins with a URL. */
export const URL_CELL = /^https?:\/\//i;
