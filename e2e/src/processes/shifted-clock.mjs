/* Loaded before a service: its wall clock is off by the milliseconds that the file CLOCK says; timers go on as ever. */
import { readFileSync } from 'node:fs';

const TrueDate = Date;
const now = () => TrueDate.now() + Number(readFileSync(process.env.CLOCK, 'utf8'));

globalThis.Date = class extends TrueDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }

  static now() {
    return now();
  }
};
