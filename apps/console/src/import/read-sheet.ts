import { readSheetHead, SHEET_HEAD_BYTES, type SheetHead } from '@pixdock/contract/sheet/read-head';

/** The beginning of a sheet. */
export interface Sheet extends SheetHead {
  /** The bytes up to the last row of the preview, for a dry run. */
  head: Blob;
}

/** Reads the headers and the first rows of a CSV file. */
export async function readSheet(file: File): Promise<Sheet> {
  const bytes = new Uint8Array(await file.slice(0, SHEET_HEAD_BYTES).arrayBuffer());
  const read = readSheetHead(bytes, file.size <= SHEET_HEAD_BYTES);
  return { ...read, head: file.slice(0, read.length) };
}
