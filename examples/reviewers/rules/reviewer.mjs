/* A reviewer with fixed rules: rejects sources that are listed, and holds small pictures for a person. */
import { readFileSync } from 'node:fs';
import { serve } from '../serve.mjs';

/** One SHA-256 of a source a line. */
const { BLOCKED_FILE, MIN_SIDE = '200' } = process.env;

serve((_image, { source, width, height }) => {
  const blocked = BLOCKED_FILE === undefined ? [] : readFileSync(BLOCKED_FILE, 'utf8').split('\n');
  if (blocked.includes(source.sha256))
    return { decision: 'reject', reasons: [{ label: 'listed', text: 'The source is on the list.' }] };
  const side = Math.min(width, height);
  if (side < Number(MIN_SIDE))
    return { decision: 'hold', reasons: [{ label: 'small', text: `The shorter side has ${side} pixels.` }] };
  return { decision: 'approve' };
});
