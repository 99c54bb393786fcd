import { labelFields, receiptText } from './read-label.js';

/** Names the propagator in a label that names none, with the image's id as its number. A named propagator stays. */
export function fillInPropagator(json: string, propagator: string, imageId: string): string {
  const whole: unknown = JSON.parse(json.replace(TOKENS, markNumber));
  const fields = labelFields(whole);
  if (!isEmpty(fields.ContentPropagator)) return json;
  fields.ContentPropagator = propagator;
  if (isEmpty(fields.PropagateID)) fields.PropagateID = imageId;
  return JSON.stringify(whole)
    .replace(MARKED, '$1')
    .replace(/[\ufffe\uffff]/g, escapeAgain);
}

// JSON.parse rounds numbers above 2^53, such as ids, and turns 2.50 into 2.5. So parse them as marked strings.
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const MARK = '\ue000number ';
// Within a string, a backslash precedes the quote.
const MARKED = new RegExp(`(?<!\\\\)"${MARK}(-?\\d[\\d.eE+-]*)"`, 'g');
const markNumber = (token: string) => (token.startsWith('"') ? token : `"${MARK}${token}"`);

// XML cannot contain these two characters, which JSON.stringify writes unescaped.
const escapeAgain = (character: string) => `\\u${character.charCodeAt(0).toString(16)}`;

/** The propagator of a valid label, for the receipt. */
export function propagatorOf(json: string): string | null {
  return receiptText(labelFields(JSON.parse(json)).ContentPropagator);
}

const isEmpty = (value: unknown) => value === undefined || value === null || value === '';
