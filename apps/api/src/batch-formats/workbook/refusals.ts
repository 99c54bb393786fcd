import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { WorkbookLimit } from '@pixdock/contract/messages/workbook';
import { invalid } from '../../http/invalid.js';

/** @param part that is missing or cannot be read */
export const damaged = (part: string, cause?: unknown): PixdockError =>
  new PixdockError('invalid_request', detailOf('workbook-damaged', { part }), { cause });

/** @param what has more than `max` */
export const tooComplex = (what: WorkbookLimit, max: number): PixdockError =>
  invalid('workbook-too-complex', { what, max });
