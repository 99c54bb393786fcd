/** A block of an event stream. */
export interface ServerEvent {
  /** Undefined if the block has none. */
  id: string | undefined;
  type: string;
  /** Empty if the block only sets the id or the retry time. */
  data: string;
}

/** Parses server-sent events (WHATWG HTML, 9.2.6). A block that is cut off is dropped. */
export async function* parseEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerEvent, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let fields: [name: string, value: string][] = [];
  for await (const chunk of chunks) {
    // A CR at the end of a chunk may be the first half of a CRLF.
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
        fields.push([name, value]);
      } else if (fields.length > 0) {
        yield eventOf(fields);
        fields = [];
      }
    }
  }
}

function eventOf(fields: readonly [string, string][]): ServerEvent {
  const all = (wanted: string) => fields.filter(([name]) => name === wanted).map(([, value]) => value);
  return { id: all('id').at(-1), type: all('event').at(-1) ?? 'message', data: all('data').join('\n') };
}
