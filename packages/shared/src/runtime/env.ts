import type { Language } from '@pixdock/contract/messages/text';
import { languageOf } from '@pixdock/contract/messages/text';
import { parseQuantity, SIZE_UNITS } from '@pixdock/contract/quantity';
import { say } from './messages/settings.js';
import { mistypedSettings } from './mistyped-settings.js';
import { type SettingFault, SettingsError } from './settings-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables, collecting every fault instead of stopping at the first. An empty value counts as unset. */
export class SettingsReader {
  readonly #faults: SettingFault[] = [];
  /** Whether a required setting is unset. */
  #isIncomplete = false;

  /** `language` is that of the faults; by default that of the environment. */
  constructor(
    readonly environment: Environment,
    readonly language: Language = languageOf(environment),
  ) {}

  fault(name: string, problem: string, fix: string): void {
    this.#faults.push({ name, problem, fix });
  }

  /** The text, or `fallback` when unset. */
  text<F extends string | null>(name: string, fallback: F): string | F {
    const raw = this.environment[name]?.trim();
    return raw === undefined || raw === '' ? fallback : raw;
  }

  required(name: string, fix: string): string {
    const value = this.text(name, null);
    if (value === null && !mistypedSettings(this.environment).some(({ meant }) => meant === name))
      this.fault(name, say(this.language, 'not-set'), fix);
    this.#isIncomplete ||= value === null;
    return value ?? '';
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const raw = this.text(name, null);
    if (raw === null) return fallback;
    const value = /^\d+$/.test(raw) ? Number(raw) : Number.NaN;
    if (value >= range.min && value <= range.max) return value;
    this.fault(
      name,
      say(this.language, 'not-an-integer', { raw, ...range }),
      say(this.language, 'not-an-integer.fix', { example: fallback }),
    );
    return fallback;
  }

  /** A port to listen on, or `fallback` when unset; 0 means any free port. */
  port<F extends number | null>(name: string, fallback: F): number | F {
    if (this.text(name, null) === null) return fallback;
    return this.integer(name, fallback ?? EXAMPLE_PORT, { min: 0, max: 65_535 });
  }

  /** A size in bytes: `20MiB`, `1.5 GB`, `4096`. */
  bytes(name: string, fallback: number): number {
    return this.#quantity(name, fallback, SIZE_UNITS, 'not-a-size');
  }

  /** A duration in milliseconds: `30d`, `24h`, `90s`. */
  duration(name: string, fallbackMs: number): number {
    return this.#quantity(name, fallbackMs, TIME_UNITS, 'not-a-duration');
  }

  choice<const C extends readonly string[]>(name: string, choices: C, fallback: C[number]): C[number] {
    const raw = this.text(name, fallback);
    const found = choices.find((choice) => choice === raw.toLowerCase());
    if (found === undefined)
      this.fault(
        name,
        say(this.language, 'not-a-choice', { raw }),
        say(this.language, 'not-a-choice.fix', { choices }),
      );
    return found ?? fallback;
  }

  /** Comma-separated items, trimmed, empty ones dropped. */
  list(name: string, fallback: readonly string[] = []): string[] {
    const raw = this.text(name, null);
    return raw === null ? [...fallback] : splitList(raw);
  }

  /** Throws a SettingsError if anything was wrong. */
  finish(): void {
    if (this.#faults.length === 0 && !this.#isIncomplete) return;
    for (const { name, meant } of mistypedSettings(this.environment))
      this.fault(name, say(this.language, 'mistyped'), say(this.language, 'mistyped.fix', { meant }));
    if (this.#faults.length > 0) throw new SettingsError(this.#faults, this.language);
  }

  #quantity(
    name: string,
    fallback: number,
    units: Record<string, number>,
    problem: 'not-a-size' | 'not-a-duration',
  ): number {
    const raw = this.text(name, null);
    if (raw === null) return fallback;
    const value = parseQuantity(raw, units);
    if (value !== null && value > 0 && value <= Number.MAX_SAFE_INTEGER) return value;
    this.fault(name, say(this.language, problem, { raw }), say(this.language, `${problem}.fix` as const));
    return fallback;
  }
}

/**
 * Runs `build` over the environment and returns what it built.
 * @throws SettingsError with every fault that `build` met.
 */
export function readSettings<T>(
  environment: Environment,
  build: (read: SettingsReader) => T,
  language?: Language,
): T {
  const read = new SettingsReader(environment, language);
  const settings = build(read);
  read.finish();
  return settings;
}

/** The entries of a comma-separated setting, trimmed; none of them empty. */
export function splitList(raw: string): string[] {
  return raw
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** The usual port of metrics, for faults of a setting without a default. */
const EXAMPLE_PORT = 9464;

const SECOND_MS = 1000;
const TIME_UNITS: Record<string, number> = {
  ms: 1,
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  min: 60 * SECOND_MS,
  h: 3600 * SECOND_MS,
  d: 24 * 3600 * SECOND_MS,
  w: 7 * 24 * 3600 * SECOND_MS,
};
