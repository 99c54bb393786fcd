import type { Side } from '../side.js';
import type { Sink } from '../sink.js';
import { startExpress } from './express.js';
import { startFastApi } from './fastapi.js';
import { startLoop } from './loop.js';
import { pixdockSide, startPixdock } from './pixdock.js';

export interface Surroundings {
  folder: string;
  sink: Sink;
  lanes: number;
  only: readonly string[] | null;
  profileFolder: string | null;
  say: (line: string) => void;
}

/** Starts the sides; the first is the yardstick. */
export async function* openSides(around: Surroundings): AsyncGenerator<Side> {
  const isWanted = (name: string) => around.only === null || around.only.includes(name);
  if (isWanted('loop-best')) yield startLoop('loop-best', around, { isBest: true, outputs: 'jpeg' });
  if (isWanted('loop-default')) yield startLoop('loop-default', around, { isBest: false, outputs: 'jpeg' });
  if (isWanted('express')) yield await startExpress(around);
  if (isWanted('fastapi')) {
    const side = await startFastApi(around);
    if (side === null)
      around.say('fastapi is skipped: it needs python3-fastapi, python3-uvicorn and python3-pil');
    else yield side;
  }
  const ofPixdock = PIXDOCK.filter(({ name }) => isWanted(name));
  const installation = ofPixdock.length === 0 ? null : await startPixdock(around);
  for (const [i, how] of ofPixdock.entries())
    if (installation !== null) yield pixdockSide(how, installation, i === 0);
  if (isWanted('loop-best-main-thumb'))
    yield startLoop('loop-best-main-thumb', around, { isBest: true, outputs: 'main-thumb' });
}

export const PIXDOCK = [
  { name: 'pixdock-raw', isForm: false, profile: 'jpeg' },
  { name: 'pixdock-form', isForm: true, profile: 'jpeg' },
  { name: 'pixdock-default', isForm: false, profile: 'default' },
  { name: 'pixdock-compact', isForm: false, profile: 'compact' },
] as const;
