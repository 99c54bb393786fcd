import { z } from 'zod';

/** The server needs at most this much of a CSV file: fifty rows of at most 64 KiB, and the header row. */
export const PREVIEW_BYTES = 4 * 1024 * 1024;
export const PREVIEW_ROWS = 50;
/** After so many, no further row is read. In JSON, a character takes up to six bytes. */
export const PREVIEW_CHARACTERS = 512 * 1024;

const count = z.int().nonnegative();

const pictureSchema = z.object({
  column: z
    .int()
    .positive()
    .meta({ examples: [3], description: 'From 1; it may be right of the header' }),
  name: z.string().meta({ examples: ['image1.jpeg'], description: 'The name of the file, or a URL' }),
  entry: z
    .object({
      offset: count.meta({ description: 'Of its local header' }),
      compressedBytes: count,
      bytes: count,
      isDeflated: z.boolean(),
    })
    .nullable()
    .meta({
      description: 'Where it lies in the workbook, which is a ZIP archive; null if it cannot be shown',
    }),
});

export const sheetPreviewSchema = z
  .object({
    encoding: z.enum(['utf-8', 'gb18030']).nullable().meta({ description: 'Null for a workbook' }),
    sheets: z.array(z.string()).meta({
      examples: [['Products', 'Notes']],
      description: 'The visible sheets of a workbook',
    }),
    sheet: z
      .string()
      .nullable()
      .meta({ examples: ['Products'], description: 'The sheet of a workbook that was read' }),
    columns: z.array(z.string()).meta({ examples: [['url', 'sku']], description: 'The header row' }),
    rows: z
      .array(
        z.object({
          row: z.int().meta({ examples: [2], description: 'As a spreadsheet numbers it' }),
          cells: z.array(z.string()).meta({ examples: [['https://shop.example.com/1.jpg', 'sku-1']] }),
          pictures: z.array(pictureSchema).meta({ description: 'Pictures of a workbook, by their columns' }),
        }),
      )
      .meta({ description: 'The first 50 rows that are not blank' }),
    isReport: z.boolean().meta({
      description:
        'Whether it is a report of Pixdock, or its failed rows, as a rule corrected; `columns` lacks the columns that Pixdock added',
    }),
  })
  .meta({ id: 'SheetPreview' });

/** The header row and the first rows of a sheet. */
export type SheetPreview = z.output<typeof sheetPreviewSchema>;
export type PreviewPicture = z.output<typeof pictureSchema>;
