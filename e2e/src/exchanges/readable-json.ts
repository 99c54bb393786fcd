const WIDTH = 140;

/** JSON whose short objects and lists take one line, and whose short members share a line. */
export function readableJson(value: unknown, indent = '', taken = 0): string {
  const line = onOneLine(value);
  if (typeof value !== 'object' || value === null || indent.length + taken + line.length <= WIDTH)
    return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const elements = value.map((element) => `${inner}${readableJson(element, inner)}`);
    return `[\n${elements.join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).map(([name, member]) => {
    const start = `${JSON.stringify(name)}: `;
    return start + readableJson(member, inner, start.length);
  });
  return `{\n${inLines(members, inner)}\n${indent}}`;
}

function inLines(members: readonly string[], indent: string): string {
  const lines: string[] = [];
  for (const member of members) {
    const last = lines.at(-1);
    const joined = last === undefined ? '' : `${last}, ${member}`;
    if (joined === '' || joined.includes('\n') || indent.length + joined.length > WIDTH) lines.push(member);
    else lines[lines.length - 1] = joined;
  }
  return lines.map((line) => indent + line).join(',\n');
}

function onOneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${onOneLine(member)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
