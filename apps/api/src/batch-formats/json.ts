import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { Tokenizer, TokenParser, TokenType } from '@streamparser/json';
import { invalid } from '../http/invalid.js';
import { jsonRow } from './ndjson.js';
import {
  MAX_HELD_BYTES,
  MAX_ROW_BYTES,
  type OpenedItems,
  TOO_LONG_ROW,
  type UncheckedItem,
} from './unchecked-item.js';

// A valid item has two levels, with its metadata or headers. Deeper nesting costs memory before it can be refused.
const MAX_DEPTH = 32;
/** Bytes parsed between two checks of the clock: about 1 ms for a list of numbers, which has the most items per byte. */
const PIECE_BYTES = 2 * 1024;
/** The depth of an item: below the object and its array. */
const ITEM_DEPTH = 2;

/** Reads `{ "items": [ … ], "reuse": "…" }`, and yields the items as they arrive. */
export function openJson(chunks: AsyncIterable<Buffer>): OpenedItems {
  const reader = openReader();
  const facts = () => ({ reuse: reader.reuse() });
  return { columns: ['source'], items: itemsOf(chunks, reader), warnings: [], facts };
}

async function* itemsOf(
  chunks: AsyncIterable<Buffer>,
  reader: ReturnType<typeof openReader>,
): AsyncGenerator<UncheckedItem> {
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      if (isSliceOver()) await nextSlice();
      yield* reader.write(chunk.subarray(at, at + PIECE_BYTES));
    }
  reader.end();
}

function openReader() {
  const tokenizer = new Tokenizer();
  const parser = new TokenParser({ paths: ['$.items.*'], keepStack: false });
  let items: UncheckedItem[] = [];
  let row = 0;
  let depth = 0;
  let at = 0;
  let itemAt = 0;
  let read = 0;
  let readAtItem = 0;
  let before: TokenType | null = null;
  let member = '';
  let hasItems = false;
  let reuse: string | null = null;

  tokenizer.onToken = (info) => {
    const { token, offset } = info;
    at = offset;
    if (depth === 0 && before === null && token !== TokenType.LEFT_BRACE) throw NOT_AN_OBJECT();
    if (depth === 1) checkMember(token, info.value);
    const closes = token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET;
    if (depth === ITEM_DEPTH && !closes && token !== TokenType.COMMA) itemAt = offset;
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) depth++;
    if (closes) depth--;
    if (depth > MAX_DEPTH) throw TOO_DEEP(row + 1);
    before = token;
    parser.write(info);
  };
  parser.onValue = ({ value }) => {
    row++;
    readAtItem = read;
    const isTooLong = at + 1 - itemAt > MAX_ROW_BYTES;
    items.push(isTooLong ? jsonRow(row, null, null, TOO_LONG_ROW) : jsonRow(row, null, value, null));
  };

  function checkMember(token: TokenType, value: unknown): void {
    const isKey = before === TokenType.LEFT_BRACE || before === TokenType.COMMA;
    if (isKey && token === TokenType.STRING) {
      member = String(value);
      if (member !== 'items' && member !== 'reuse') throw UNKNOWN_MEMBER(member);
      if (member === 'items' ? hasItems : reuse !== null) throw TWICE(member);
      hasItems ||= member === 'items';
    }
    if (before !== TokenType.COLON) return;
    if (member === 'items' && token !== TokenType.LEFT_BRACKET) throw NOT_A_LIST();
    // Any other value is none of those that `reuse` may have.
    if (member === 'reuse' && token !== TokenType.NULL) reuse = String(value);
  }

  function attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      throw error instanceof PixdockError ? error : BROKEN(row + 1, at, error);
    }
  }

  return {
    write(chunk: Buffer): UncheckedItem[] {
      read += chunk.length;
      attempt(() => tokenizer.write(chunk));
      if (read - readAtItem > MAX_HELD_BYTES) throw TOO_LONG(row + 1);
      const found = items;
      items = [];
      return found;
    },
    reuse: () => reuse,
    end(): void {
      attempt(() => {
        tokenizer.end();
        if (before === null) throw NOT_AN_OBJECT();
        if (!parser.isEnded) throw new Error('it ends too early');
      });
      if (!hasItems) throw NOT_A_LIST();
    },
  };
}

const NOT_AN_OBJECT = () => invalid('items-not-an-object');
const NOT_A_LIST = () => invalid('items-missing');
const TWICE = (name: string) => invalid('member-twice', { name });
const UNKNOWN_MEMBER = (name: string) => invalid('items-unknown-member', { name });
const TOO_DEEP = (row: number) => invalid('item-too-deep', { row, max: MAX_DEPTH });
const TOO_LONG = (row: number) => invalid('item-too-long', { row, max: MAX_HELD_BYTES });
const BROKEN = (row: number, at: number, cause: unknown) =>
  new PixdockError('invalid_request', detailOf('items-malformed', { row, at }), { cause });
