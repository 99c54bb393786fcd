import type { ErrorCode } from '@pixdock/contract/error-table';
import { isoTime } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { type Cursor, readIndex } from '../lists/cursor.js';
import { recordKeys } from '../record-keys.js';
import { failureGroupCounter } from './count-failure-groups.js';
import { decodeGroup, encodeGroup, type GroupFacts, parseFailureGroup } from './failure-group.js';

export interface FailureFilter {
  code?: ErrorCode | undefined;
  /** Null selects images without a source URL. */
  host?: string | null | undefined;
  /** Only failures since this time. */
  since?: string | undefined;
  /** Only failures before this time. */
  until?: string | undefined;
}

/** Failed images of one owner with the same code, host and day. */
export interface CountedGroup extends GroupFacts {
  count: number;
  firstAt: string;
  lastAt: string;
  /** The image that failed last. */
  exampleId: string;
}

export interface GroupPage {
  groups: CountedGroup[];
  /** Cursor of the next page; null at the end. */
  next: string | null;
}

/** A position in the failed images of an owner: a group, and the last image in it; without an image, the group is done. */
export interface FailurePosition {
  group: string;
  image: Cursor | null;
}

export interface FailureStep {
  ids: string[];
  /** Null at the end. */
  next: FailurePosition | null;
}

/** The failed images of all owners, by code, host and day. The transitions of the records keep their groups. */
export interface Failures {
  /** A page of an owner's groups, newest day first; it may have fewer than `limit` although more follow. */
  list(owner: string, filter: FailureFilter, cursor: string | null, limit: number): Promise<GroupPage>;
  /**
   * Some failed images after a position, perhaps none although more follow.
   * @param untilMs when the images must have failed, at the latest
   */
  step(
    owner: string,
    filter: FailureFilter,
    untilMs: number,
    after: FailurePosition | null,
    count: number,
  ): Promise<FailureStep>;
  /** Owners with failed images. */
  owners(): Promise<string[]>;
}

/** Groups per command, which blocks Redis for less than a millisecond. */
const GROUPS_AT_ONCE = 100;
/** Groups read for one page. */
const READ_PER_PAGE = 2000;
/** Comes after every id of an image. */
const LAST_ID = '~';
/** Comes after every code and host. */
const LAST_GROUP = '~';

export function openFailures(redis: RedisConnection, prefix: string): Failures {
  const keys = recordKeys(prefix);
  const countGroups = failureGroupCounter(redis, keys);

  /** Groups in the order of the list, the first ones after `after`. */
  function groupsAfter(
    owner: string,
    { since, until }: FailureFilter,
    after: string | null,
  ): Promise<string[]> {
    // A group begins with its day.
    const newest = until === undefined ? '+' : `[${dayOf(until)} ${LAST_GROUP}`;
    const oldest = since === undefined ? '-' : `[${dayOf(since)}`;
    const max = after === null ? newest : `(${after}`;
    return redis.zrevrangebylex(keys.failuresOf(owner), max, oldest, 'LIMIT', 0, GROUPS_AT_ONCE);
  }

  async function count(owner: string, groups: string[], filter: FailureFilter): Promise<CountedGroup[]> {
    if (groups.length === 0) return [];
    const max = filter.until === undefined ? '+inf' : `(${Date.parse(filter.until)}`;
    const counted = await countGroups(owner, groups, { since: sinceMs(filter), max });
    return counted.flatMap(([images, firstMs, lastMs, exampleId], i) => {
      const facts = parseFailureGroup(groups[i] ?? '');
      if (facts === null || images === 0) return [];
      const [firstAt, lastAt] = [isoTime(Number(firstMs)), isoTime(Number(lastMs))];
      return [{ ...facts, count: images, firstAt, lastAt, exampleId }];
    });
  }

  return {
    owners: () => redis.zrange(keys.failingOwners, '0', '-1'),

    async list(owner, filter, cursor, limit) {
      const groups: CountedGroup[] = [];
      let after = cursor === null ? null : decodeGroup(cursor);
      for (let read = 0; read < READ_PER_PAGE; read += GROUPS_AT_ONCE) {
        const found = await groupsAfter(owner, filter, after);
        const matching = found.filter((group) => matches(group, filter));
        const wanted = matching.slice(0, limit - groups.length);
        groups.push(...(await count(owner, wanted, filter)));
        const isCut = wanted.length < matching.length;
        after = (isCut ? wanted.at(-1) : found.at(-1)) ?? after;
        const isEnd = found.length < GROUPS_AT_ONCE && !isCut;
        if (isEnd || after === null) return { groups, next: null };
        if (isCut) break;
      }
      return { groups, next: after === null ? null : encodeGroup(after) };
    },

    async step(owner, filter, untilMs, after, limit) {
      if (after !== null && after.image !== null) {
        const entries = await readIndex(redis, keys.ofFailure(owner, after.group), after.image, limit);
        const recent = entries.filter(({ score }) => score >= sinceMs(filter));
        const last = recent.length < limit ? null : (recent.at(-1) ?? null);
        return { ids: recent.map(({ id }) => id), next: { group: after.group, image: last } };
      }
      const found = await groupsAfter(owner, filter, after?.group ?? null);
      const group = found.find((one) => matches(one, filter));
      if (group !== undefined) return { ids: [], next: { group, image: { score: untilMs, id: LAST_ID } } };
      const last = found.at(-1);
      const isEnd = last === undefined || found.length < GROUPS_AT_ONCE;
      return { ids: [], next: isEnd ? null : { group: last, image: null } };
    },
  };
}

function matches(group: string, { code, host }: FailureFilter): boolean {
  const facts = parseFailureGroup(group);
  if (facts === null || (code !== undefined && facts.code !== code)) return false;
  // The hosts of URLs are in lower case.
  return host === undefined || facts.host === (host?.toLowerCase() ?? null);
}

const sinceMs = ({ since }: FailureFilter) => (since === undefined ? 0 : Date.parse(since));
const dayOf = (time: string) => isoTime(Date.parse(time)).slice(0, '2027-01-31'.length);
