import { gb18030 } from '../harness/gb18030.js';

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
  return gb18030(rows.map((row) => `${row.join(',')}\r\n`).join(''));
}
