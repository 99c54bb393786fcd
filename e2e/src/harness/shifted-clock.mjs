/* Loaded before a service: shifts its wall clock by the milliseconds in the file CLOCK; timers are unaffected. */
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
