import type { FaultRule } from './rule.js';

/** A rule, the number of requests that it `matched`, and on how many of these it `fired`. */
export type CountedRule = FaultRule & { matched: number; fired: number };

export type FaultRules = ReturnType<typeof createFaultRules>;

/** The active rules. The first rule that fires handles a request; later rules do not count it. */
export function createFaultRules() {
  let rules: CountedRule[] = [];
  return {
    add(rule: FaultRule): CountedRule {
      const counted = { ...rule, matched: 0, fired: 0 };
      rules.push(counted);
      return counted;
    },
    list(): readonly CountedRule[] {
      return rules;
    },
    clear(): void {
      rules = [];
    },
    match(operation: string, key: string | undefined): FaultRule | undefined {
      return rules.find((rule) => matches(rule, operation, key) && fires(rule));
    },
  };
}

function matches(rule: CountedRule, operation: string, key: string | undefined): boolean {
  if (rule.operation !== undefined && rule.operation !== operation) return false;
  return rule.key === undefined || (key !== undefined && new RegExp(rule.key, 'u').test(key));
}

function fires(rule: CountedRule): boolean {
  rule.matched++;
  const sinceFirst = rule.matched - rule.nth;
  if (sinceFirst < 0 || sinceFirst % rule.every > 0 || rule.fired === rule.count) return false;
  rule.fired++;
  return true;
}
