import { cellImagesOf, relationships, row, text, workbookOf } from '@pixdock/shared/testing/workbook';
import { gb18030 } from '../harness/gb18030.js';
import { photo } from '../harness/pictures.js';

/**
 * A sheet as a Chinese supplier saves it with Excel: GB18030, own headers, one URL without its scheme, and one picture that
 * is missing at first.
 */
export function supplierSheet(source: string): Buffer {
  const rows = [
    ['货号', '主图链接', '品牌', '备注'],
    ['A-1001', `${source}/image/cup`, '青瓷坊', ''],
    ['A-1002', `${source}/image/tea`, '青瓷坊', '新品'],
    ['A-1003', 'www.a.cn/1003.jpg', '竹里', ''],
    ['A-1004', `${source}/flaky/late?fails=1&status=404`, '竹里', ''],
    ['A-1005', `${source}/image/lamp`, '竹里', '含“限量”款'],
  ];
  return gb18030(rows.map((cells) => `${cells.join(',')}\r\n`).join(''));
}

/**
 * A workbook as WPS saves it, with an empty sheet before that of the products: a picture in a cell, a URL, and a row without
 * either.
 */
export async function supplierWorkbook(source: string): Promise<Buffer> {
  const picture = (place: string, name: string) =>
    `<c r="${place}" t="str"><f>_xlfn.DISPIMG("${name}",1)</f><v>=DISPIMG("${name}",1)</v></c>`;
  return workbookOf({
    rows: '',
    sheets: '<sheet name="说明" r:id="rId1"/><sheet name="商品" r:id="rId2"/>',
    bookRelations: [
      ['worksheet', 'worksheets/sheet2.xml'],
      ['http://www.wps.cn/officeDocument/2020/cellImage', 'cellimages.xml'],
    ],
    parts: {
      'xl/worksheets/sheet2.xml': `<worksheet><sheetData>${[
        row(1, text('A1', '货号'), text('B1', '图片')),
        row(2, text('A2', 'A-1'), picture('B2', 'ID_1')),
        row(3, text('A3', 'A-2'), text('B3', `${source}/image/cup`)),
        row(5, text('A5', 'A-3')),
      ].join('')}</sheetData></worksheet>`,
      'xl/cellimages.xml': cellImagesOf('ID_1'),
      'xl/_rels/cellimages.xml.rels': relationships(['image', 'media/image1.jpeg']),
      'xl/media/image1.jpeg': await photo(301, 200),
    },
  });
}
