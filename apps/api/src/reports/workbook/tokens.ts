/** A piece of XML: a tag, or text, a comment and the like. */
export interface Token {
  /** As in the file. */
  source: string;
  /** Null for anything but a tag. */
  tag: Tag | null;
}

export interface Tag {
  /** Without its prefix. */
  name: string;
  /** The prefix with its colon, or ''. */
  prefix: string;
  kind: 'start' | 'end' | 'empty';
}

// The name ends where it must, so that a long one takes linear time.
const TOKEN =
  /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>|<(\/?)([^\s:/>"'=!?]+:)?([^\s:/>"'=!?]+)(?=[\s/>])(?:"[^"]*"|'[^']*'|[^"'>])*?(\/?)>/y;

/** Splits well-formed XML, piece by piece, so that it can be written again as it was. */
export function openTokenizer() {
  let rest = '';
  return {
    *tokens(piece: string): Generator<Token> {
      const text = rest + piece;
      let from = 0;
      while (from < text.length) {
        const at = text.indexOf('<', from);
        if (at !== from) yield { source: text.slice(from, at === -1 ? text.length : at), tag: null };
        from = at === -1 ? text.length : at;
        if (at === -1) break;
        TOKEN.lastIndex = at;
        const found = TOKEN.exec(text);
        // It ends in a later piece.
        if (found === null) break;
        const [source, slash, prefix = '', name, isEmpty] = found;
        const kind = slash === '/' ? 'end' : isEmpty === '/' ? 'empty' : 'start';
        yield { source, tag: name === undefined ? null : { name, prefix, kind } };
        from = at + source.length;
      }
      rest = text.slice(from);
    },
  };
}

/** An attribute. It begins at one character of white space, so that long names and gaps take linear time. */
const ATTRIBUTE = /\s([^\s<>"'=/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The attributes of a tag. Their values stay escaped. */
export function attributesIn(source: string): Map<string, string> {
  const pairs = source.matchAll(ATTRIBUTE);
  return new Map(Array.from(pairs, ([, name = '', double, single = '']) => [name, double ?? single]));
}

/** The number in an attribute; 0 for anything else. */
export const numberIn = (attributes: ReadonlyMap<string, string>, name: string): number =>
  Number(attributes.get(name)) || 0;

/** Changes attributes of a tag. @param changes new values, already escaped; null removes the attribute */
export function withAttributes(source: string, changes: Readonly<Record<string, string | null>>): string {
  const others = source.replaceAll(ATTRIBUTE, (pair, name: string) =>
    Object.hasOwn(changes, name) ? '' : pair,
  );
  const added = Object.entries(changes).flatMap(([name, value]) =>
    value === null ? [] : [` ${name}="${value}"`],
  );
  const end = others.endsWith('/>') ? '/>' : '>';
  return others.slice(0, -end.length).trimEnd() + added.join('') + end;
}

/** Escapes text for an element. Characters that XML forbids are replaced, and what Excel would read as an escape is escaped, too. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(FORBIDDEN, '\uFFFD')
    .replaceAll(/_(?=x[\da-f]{4}_)/gi, '_x005F_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

const FORBIDDEN = /(?![\t\n])[\p{Cc}\ufffe\uffff]/gu;
