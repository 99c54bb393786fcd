import { randomUUID } from 'node:crypto';
import { labelFields, receiptText } from './read-label.js';

/** Names the propagator in a label that names none, with the image's id as its number. A named propagator stays. */
export function fillInPropagator(json: string, propagator: string, imageId: string): string {
  // JSON.parse rounds numbers above 2^53, such as ids, and turns 2.50 into 2.5. So parse them as marked strings.
  const mark = randomUUID();
  const whole: unknown = JSON.parse(
    json.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"${mark}${token}"`)),
  );
  const fields = labelFields(whole);
  if (!isEmpty(fields.ContentPropagator)) return json;
  fields.ContentPropagator = propagator;
  if (isEmpty(fields.PropagateID)) fields.PropagateID = imageId;
  const filled = JSON.stringify(whole).replace(new RegExp(`"${mark}([^"]+)"`, 'g'), '$1');
  // XML cannot contain these two characters, which JSON.stringify writes unescaped.
  return filled.replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

/** The strings and numbers of a JSON text. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** The propagator of a valid label, for the receipt. */
export function propagatorOf(json: string): string | null {
  return receiptText(labelFields(JSON.parse(json)).ContentPropagator);
}

const isEmpty = (value: unknown) => value === undefined || value === null || value === '';
