/** Members that hold a sentence for people. */
const SENTENCES = ['title', 'detail', 'fix', 'reason', 'summary', 'description'];
/** Placeholder for a sentence. */
const TAKEN = '…';

export type Sentences = Record<string, string>;

/** Moves the sentences of a JSON value into a map by JSON pointer, so that a diff separates rewording from changes. */
export function takeSentences(value: unknown, sentences: Sentences, pointer = ''): unknown {
  if (Array.isArray(value))
    return value.map((element, i) => takeSentences(element, sentences, `${pointer}/${i}`));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => {
    const at = `${pointer}/${name}`;
    if (!SENTENCES.includes(name) || typeof member !== 'string')
      return [name, takeSentences(member, sentences, at)];
    sentences[at] = member;
    return [name, TAKEN];
  });
  return Object.fromEntries(members);
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
