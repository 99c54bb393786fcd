import type { Language, Text } from './text.js';

type Sentence<Params> = string | ((params: Params) => string);

interface Message<Params> {
  readonly en: Sentence<Params>;
  readonly zh: Sentence<Params>;
}

/** Sentences for people by reason; `Params` maps a reason to its parameters. */
export type Catalog<Params> = { readonly [Reason in keyof Params]: Message<Params[Reason]> };

/**
 * Checks the shape of a catalog: `catalog({ 'not-empty': { en: (p: { path: string }) => …, zh: (p) => … } })`.
 * The type of `p` is written once, in English.
 */
export function catalog<Params>(messages: Catalog<Params>): Catalog<Params> {
  return messages;
}

/** Returns `say(language, reason, params)` for a catalog; reasons without parameters take none. */
export function sayIn<Params>(messages: Catalog<Params>) {
  return <Reason extends keyof Params>(
    language: Language,
    reason: Reason,
    ...[params]: Arguments<Params, Reason>
  ): string => {
    const sentence: Sentence<Params[Reason]> = messages[reason][language];
    return typeof sentence === 'function' ? sentence(params as Params[Reason]) : sentence;
  };
}

/** Returns `say(reason, params)` in one language. */
export function sayOnlyIn<Params>(messages: Catalog<Params>, language: Language) {
  const say = sayIn(messages);
  return <Reason extends keyof Params>(reason: Reason, ...params: Arguments<Params, Reason>): string =>
    say(language, reason, ...params);
}

/** Returns `text(reason, params)`, which says a sentence in both languages. */
export function textIn<Params>(messages: Catalog<Params>) {
  const say = sayIn(messages);
  return <Reason extends keyof Params>(reason: Reason, ...params: Arguments<Params, Reason>): Text => ({
    en: say('en', reason, ...params),
    zh: say('zh', reason, ...params),
  });
}

// An intersection over the reasons, so that one of several reasons is accepted only if none of them has parameters.
export type Arguments<Params, Reason extends keyof Params> = (
  Reason extends Reason
    ? (params: ParamsOf<Params[Reason]>) => void
    : never
) extends (params: infer All extends unknown[]) => void
  ? All
  : never;

type ParamsOf<P> = unknown extends P ? [] : [params: P];
