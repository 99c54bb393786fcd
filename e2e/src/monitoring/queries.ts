import { parse } from 'yaml';
import { readText } from '../documents/checkout.js';

export interface Query {
  /** The alert or the panel. */
  of: string;
  expr: string;
}

interface Rules {
  groups: { rules: { alert: string; expr: string }[] }[];
}

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}

const rules = (parse(readText('deploy/alerts.yml')) as Rules).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readText('deploy/grafana-dashboard.json')) as Dashboard;

export const ALERTS: readonly Query[] = rules.map(({ alert, expr }) => ({ of: alert, expr }));

export const PANELS: readonly Query[] = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => ({ of: title, expr })),
);

/** The metrics that a query reads, and the labels that it names. */
export function namesIn(expr: string): { metrics: string[]; labels: string[] } {
  const withoutTexts = expr.replaceAll(/"[^"]*"/g, '""');
  const metrics = [...withoutTexts.matchAll(/\b(?:pixdock|nodejs|process)_\w+/g)].map(([name]) => name);
  const lists = [...withoutTexts.matchAll(/\b(?:by|without|on|ignoring) ?\(([^)]*)\)/g)];
  const grouped = lists.flatMap(([, names = '']) => names.split(',').map((name) => name.trim()));
  const matched = [...withoutTexts.matchAll(/(\w+)(?:=~|!~|!=|=)""/g)].map(([, name = '']) => name);
  return { metrics: [...new Set(metrics)], labels: [...new Set([...grouped, ...matched])] };
}
