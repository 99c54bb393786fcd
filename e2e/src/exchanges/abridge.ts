type Members = Record<string, unknown>;

/** Smaller objects are readable as they are. */
const MIN_MEMBERS = 4;
/** An object is written as a difference if that takes at most this share of its text. */
const MAX_SHARE = 0.6;

/**
 * Writes each object that resembles one of `full` as its difference: `like` names the full object, members that differ follow,
 * and `without` lists those that it lacks. Objects within the two are compared member by member. Only an object with the same code
 * and all members resembles one with a `code`.
 */
export function abridge(value: unknown, full: Readonly<Record<string, Members>>): unknown {
  if (Array.isArray(value)) return value.map((element) => abridge(element, full));
  if (!isMembers(value)) return value;
  const own = mapMembers(value, (member) => abridge(member, full));
  if (Object.keys(value).length < MIN_MEMBERS) return own;
  const differences = Object.entries(full)
    .filter(([, base]) => !('code' in base) || (base['code'] === value['code'] && hasAll(value, base)))
    .map(([like, base]) => ({ like, ...difference(value, base) }));
  const [shortest] = differences.toSorted((a, b) => sizeOf(a) - sizeOf(b));
  return shortest !== undefined && sizeOf(shortest) <= MAX_SHARE * sizeOf(own) ? shortest : own;
}

function difference(value: Members, base: Members): Members {
  const without = Object.keys(base).filter((name) => !Object.hasOwn(value, name));
  const changed = Object.entries(value).flatMap(([name, member]) => {
    const known = base[name];
    if (Object.hasOwn(base, name) && sameJson(member, known)) return [];
    const isPart = isMembers(member) && isMembers(known) && Object.keys(known).length > 0;
    return [[name, isPart ? difference(member, known) : member]];
  });
  return { ...(without.length === 0 ? {} : { without }), ...Object.fromEntries(changed) };
}

const hasAll = (value: Members, base: Members): boolean =>
  Object.keys(base).every((name) => Object.hasOwn(value, name));

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mapMembers = (value: Members, map: (member: unknown) => unknown): Members =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member)]));

const sizeOf = (value: unknown) => JSON.stringify(value).length;
const sameJson = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
