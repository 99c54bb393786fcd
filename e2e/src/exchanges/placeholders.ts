/** Replaces values that differ from run to run; equal values get equal placeholders. */
export interface Placeholders {
  inText: (text: string) => string;
  /** Replaces in all strings of a JSON value, and in members that differ from run to run. */
  inJson: (value: unknown) => unknown;
}

/** @param addresses replaced first: addresses and their placeholders */
export function openPlaceholders(addresses: Readonly<Record<string, string>>): Placeholders {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();

  function nameOf(kind: string, value: string): string {
    // An upload and the image that it becomes have the same digits.
    const known = names.get(`${kind} ${value}`);
    if (known !== undefined) return known;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const name = `{${kind} ${count}}`;
    names.set(`${kind} ${value}`, name);
    return name;
  }

  function inText(text: string): string {
    let replaced = text.replaceAll(
      /(.)\1{99,}/g,
      (run, character: string) => `${character}{${run.length} times}`,
    );
    for (const [address, name] of Object.entries(addresses)) replaced = replaced.replaceAll(address, name);
    return replaced
      .replaceAll(/img_([0-9a-f]{32})/g, (_, hex: string) => nameOf('image', hex))
      .replaceAll(/pxt_[\w.-]+/g, (token) => nameOf('token', token))
      .replaceAll(/tok_([0-9a-f]{32})/g, (_, hex: string) => nameOf('token id', hex))
      .replaceAll(/whe_([0-9a-f]{32})/g, (_, hex: string) => nameOf('endpoint', hex))
      .replaceAll(/upl_([0-9a-f]{32})/g, (_, hex: string) => nameOf('upload', hex))
      .replaceAll(/whr_([0-9a-f]{32})/g, (_, hex: string) => nameOf('recovery', hex))
      .replaceAll(/frt_([0-9a-f]{32})/g, (_, hex: string) => nameOf('retry', hex))
      .replaceAll(/whsec_[A-Za-z0-9+/]{43}=/g, '{secret}')
      .replaceAll(/msg_([0-9a-f]{32})/g, (_, hex: string) => nameOf('event', hex))
      .replaceAll(/bat_([0-9a-f]{32})/g, (_, hex: string) => nameOf('batch', hex))
      .replaceAll(
        /\b([0-9a-f]{2})\/(\1[0-9a-f]{30})\//g,
        (_, _start, hex: string) => `${nameOf('image', hex)}/`,
      )
      .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '{request id}')
      .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '{time}');
  }

  function inMember(name: string, value: unknown, owner: object): unknown {
    if (value === null || value === undefined) return value;
    if (name === 'version' && typeof value === 'number') return value === 1 ? 1 : '{version}';
    if (name === 'timeline' && Array.isArray(value)) return distinct(value.map(inJson));
    if ((name === 'counts' || name === 'progress') && isInMotion(owner)) return `{${name}}`;
    if (name === 'day') return '{day}';
    if (name === 'thumbhash' || name === 'color') return `{${name}}`;
    // These depend on the versions of the encoders.
    if ((name === 'bytes' || name === 'etag') && 'key' in owner) return `{${name}}`;
    if (name === 'next' && typeof value === 'string' && !/^\d+$/.test(value)) return nameOf('cursor', value);
    return inJson(value);
  }

  function inJson(value: unknown): unknown {
    if (typeof value === 'string') return inText(value);
    if (Array.isArray(value)) return value.map(inJson);
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([name, member]) => [
      inText(name),
      SPEEDS.includes(name) ? `{${name}}` : inMember(name, member, value),
    ]);
    return Object.fromEntries(members);
  }

  return { inText, inJson };
}

/** Whether they are null depends on timing. */
const SPEEDS = ['itemsPerSecond', 'etaSeconds'];

/** The counts of a batch change at any time while a worker processes it. */
function isInMotion(batch: object): boolean {
  return 'status' in batch && batch.status === 'running' && 'version' in batch && batch.version !== 1;
}

/** A busy worker requeues an image, which then repeats its stages. */
function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
