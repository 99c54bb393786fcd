import { z } from 'zod';

/** The server needs at most this much of a sheet: fifty rows of at most 64 KiB, and the header row. */
export const PREVIEW_BYTES = 4 * 1024 * 1024;
export const PREVIEW_ROWS = 50;

export const sheetPreviewSchema = z
  .object({
    encoding: z.enum(['utf-8', 'gb18030']),
    columns: z.array(z.string()).meta({ examples: [['url', 'sku']], description: 'The header row' }),
    rows: z
      .array(
        z.object({
          row: z.int().meta({ examples: [2], description: 'As a spreadsheet numbers it' }),
          cells: z.array(z.string()).meta({ examples: [['https://shop.example.com/1.jpg', 'sku-1']] }),
        }),
      )
      .meta({ description: 'The first 50 rows that are not blank' }),
  })
  .meta({ id: 'SheetPreview' });

/** The header row and the first rows of a sheet. */
export type SheetPreview = z.output<typeof sheetPreviewSchema>;
