import { labelFields, receiptText } from './read-label.js';

/** Names the propagator in a label that names none, with the image's id as its number. A named propagator stays. */
export function fillInPropagator(json: string, propagator: string, imageId: string): string {
  const whole: unknown = JSON.parse(json);
  const fields = labelFields(whole);
  if (!isEmpty(fields.ContentPropagator)) return json;
  fields.ContentPropagator = propagator;
  if (isEmpty(fields.PropagateID)) fields.PropagateID = imageId;
  return JSON.stringify(whole);
}

/** The propagator of a valid label, for the receipt. */
export function propagatorOf(json: string): string | null {
  return receiptText(labelFields(JSON.parse(json)).ContentPropagator);
}

const isEmpty = (value: unknown) => value === undefined || value === null || value === '';
