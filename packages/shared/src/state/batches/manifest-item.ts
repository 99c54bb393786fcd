import type { Origin } from '../images/origin.js';
import type { StoredError } from '../images/stored-error.js';

/** The origin of an item's source. The request headers of a URL are read only for the fetch. */
export type ItemOrigin =
  | Exclude<Origin, { kind: 'url' }>
  | {
      kind: 'url';
      url: string;
      /** Number of its header set in the batch; absent without headers. */
      headerSet?: number;
    };

/** An item of a batch, as read from its manifest. */
export interface ManifestItem {
  /**
   * Counts the rows of the input from 1, with the header. Several URLs in one cell are several items of one row; the place
   * of an item in the manifest, from 0, is unique.
   */
  row: number;
  /** Number of the item in its row, from 1. */
  position: number;
  profile: string;
  externalId: string | null;
  metadata: Record<string, string>;
  /** Expected digest of the source, in hex. */
  sha256: string | null;
  /** From the submission of the batch to the deletion of the image; null if it stays. */
  deleteAfterSeconds: number | null;
  filename: string | null;
  declaredType: string | null;
  /** Null if the row is invalid. */
  origin: ItemOrigin | null;
  fault: StoredError | null;
}

/** An item to add to a batch. */
export interface NewItem extends Omit<ManifestItem, 'origin' | 'position'> {
  /** The caller's own columns, in the order of the batch's `columns`, for the report. */
  cells: string[];
  origin: Origin | null;
}
