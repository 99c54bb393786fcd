import { ERROR_CODES } from '@pixdock/contract/error-table';
import { fixOf, sayDetail, titleOf } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';

/** Members that hold a sentence for people. */
const SENTENCES = ['title', 'detail', 'fix', 'reason', 'summary', 'description'];
/** Placeholder for a sentence. */
export const TAKEN = '…';

export type Sentences = Record<string, string>;

/**
 * Moves the sentences of a JSON value into a map by JSON pointer, so that a diff separates rewording from changes. Leaves out the
 * usual sentences of a problem, which the list of all error codes has.
 */
export function takeSentences(
  value: unknown,
  language: Language,
  sentences: Sentences,
  pointer = '',
): unknown {
  if (Array.isArray(value))
    return value.map((element, i) => takeSentences(element, language, sentences, `${pointer}/${i}`));
  if (typeof value !== 'object' || value === null) return value;
  const usual = usualSentences(value, language);
  const members = Object.entries(value).map(([name, member]) => {
    const at = `${pointer}/${name}`;
    if (!SENTENCES.includes(name) || typeof member !== 'string')
      return [name, takeSentences(member, language, sentences, at)];
    if (member !== usual[name]) sentences[at] = member;
    return [name, TAKEN];
  });
  return Object.fromEntries(members);
}

/** The title of a problem by its code, and the detail of one without a particular reason. */
function usualSentences(value: object, language: Language): Sentences {
  const code = ERROR_CODES.find((known) => 'code' in value && value.code === known);
  if (code === undefined || !('detail' in value)) return {};
  return { title: titleOf(code, language), detail: sayDetail(language, fixOf(code)) };
}

/** The lines of a CSV report; the label, the reused id, the position and the URL of the source follow the reason. */
export function takeReasons(csv: string, sentences: Sentences): string[] {
  return csv.split('\r\n').map((line, i) => {
    const [, start = line, reason = '', end] =
      /^(.*,)("(?:[^"]|"")*"|[^",]*)(,[a-z]*,[^,]*,\d*,[^,]*)$/.exec(line) ?? [];
    if (i === 0 || reason === '') return line;
    sentences[`/${i}/reason`] = reason;
    return `${start}${TAKEN}${end}`;
  });
}
