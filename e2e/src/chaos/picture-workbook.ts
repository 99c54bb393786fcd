import { drawingOf, relationships, row, text, workbookOf } from '@pixdock/shared/testing/workbook';
import type { Picture } from './pictures.js';

interface PictureRow {
  name: string;
  picture: Picture;
}

/** A workbook with a picture in each row. Rows with the same picture show one file. */
export function pictureWorkbook(rows: readonly PictureRow[]): Buffer {
  const fileOf = ({ sha256 }: Picture) => `media/${sha256}.jpg`;
  return workbookOf({
    rows: row(1, text('A1', 'SKU')) + rows.map(({ name }, i) => row(i + 2, text(`A${i + 2}`, name))).join(''),
    after: '<drawing r:id="rId1"/>',
    relations: [['drawing', '../drawings/drawing1.xml']],
    parts: {
      'xl/drawings/drawing1.xml': drawingOf(...rows.map((_, i): [number, number] => [i + 1, 1])),
      'xl/drawings/_rels/drawing1.xml.rels': relationships(
        ...rows.map(({ picture }): [string, string] => ['image', `../${fileOf(picture)}`]),
      ),
      ...Object.fromEntries(rows.map(({ picture }) => [`xl/${fileOf(picture)}`, picture.bytes])),
    },
  });
}
