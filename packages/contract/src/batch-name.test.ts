import { expect, it } from 'vitest';
import { fileNameOf } from './batch-name.js';

it.each([
  [null, 'bat_1.report.csv'],
  ['.csv', 'bat_1.report.csv'],
  ['新品.CSV', '新品.report.csv'],
  ['a/b:c?', 'a_b_c_.report.csv'],
  ['v1.2', 'v1.2.report.csv'],
  ['新品.failed.report.csv', '新品.report.csv'],
])('names the report of %j %s', (name, file) => {
  expect(fileNameOf({ id: 'bat_1', name }, 'report.csv')).toBe(file);
});

it.each([
  ['新品.xlsx', '新品.report.xlsx'],
  ['macros.XLSM', 'macros.report.xlsm'],
])('names the workbook of %j %s', (name, file) => {
  expect(fileNameOf({ id: 'bat_1', name }, 'report.xlsx')).toBe(file);
});
