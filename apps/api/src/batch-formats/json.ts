import { PixdockError } from '@pixdock/contract/error';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { Tokenizer, TokenParser, TokenType } from '@streamparser/json';
import { invalid } from '../http/invalid.js';
import { shown } from '../http/shown.js';
import { jsonRow } from './ndjson.js';
import { MAX_HELD_BYTES, MAX_ROW_BYTES, TOO_LONG_ROW, type UncheckedRow } from './unchecked-row.js';

// A valid item has two levels, with its metadata or headers. Deeper nesting costs memory before it can be refused.
const MAX_DEPTH = 32;
/** Bytes parsed between two checks of the clock: about 1 ms for a list of numbers, which has the most items per byte. */
const PIECE_BYTES = 2 * 1024;
/** The depth of an item: below the object and its array. */
const ITEM_DEPTH = 2;

/** Yields the items of `{ "items": [ … ] }` as they arrive. */
export async function* jsonRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<UncheckedRow> {
  const reader = openReader();
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
  let rows: UncheckedRow[] = [];
  let row = 0;
  let depth = 0;
  let at = 0;
  let itemAt = 0;
  let read = 0;
  let readAtItem = 0;
  let before: TokenType | null = null;
  let hasItems = false;

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
    rows.push(isTooLong ? jsonRow(row, null, TOO_LONG_ROW) : jsonRow(row, value, null));
  };

  function checkMember(token: TokenType, value: unknown): void {
    const isKey = before === TokenType.LEFT_BRACE || before === TokenType.COMMA;
    if (isKey && token === TokenType.STRING) {
      if (value !== 'items') throw UNKNOWN_MEMBER(String(value));
      if (hasItems) throw TWICE();
      hasItems = true;
    }
    if (before === TokenType.COLON && token !== TokenType.LEFT_BRACKET) throw NOT_A_LIST();
  }

  function attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      throw error instanceof PixdockError ? error : BROKEN(row + 1, at, error);
    }
  }

  return {
    write(chunk: Buffer): UncheckedRow[] {
      read += chunk.length;
      attempt(() => tokenizer.write(chunk));
      if (read - readAtItem > MAX_HELD_BYTES) throw TOO_LONG(row + 1);
      const found = rows;
      rows = [];
      return found;
    },
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

const FORM = '{ "items": [ { "url": "https://…" } ] }';
const NOT_AN_OBJECT = () =>
  invalid(`The body is not a JSON object. Send ${FORM}.`, `请求体不是 JSON 对象。请发送 ${FORM}。`);
const NOT_A_LIST = () =>
  invalid(`The body has no list "items". Send ${FORM}.`, `请求体缺少数组 items。请发送 ${FORM}。`);
const TWICE = () => invalid('The member "items" is there twice.', '成员 items 出现了两次。');
const UNKNOWN_MEMBER = (name: string) =>
  invalid(
    `Unknown member "${shown(name)}" beside "items"; a profile for all items goes into the query, ?profile=NAME.`,
    `items 之外有未知成员“${shown(name)}”；适用于所有条目的 profile 请写在查询参数中：?profile=NAME。`,
  );
const TOO_DEEP = (row: number) =>
  invalid(`Item ${row} is nested more than ${MAX_DEPTH} deep.`, `第 ${row} 个条目嵌套超过 ${MAX_DEPTH} 层。`);
const TOO_LONG = (row: number) =>
  invalid(
    `Item ${row} is longer than ${MAX_HELD_BYTES} bytes, or a quote in it is never closed.`,
    `第 ${row} 个条目超过 ${MAX_HELD_BYTES} 字节，或其中的引号没有闭合。`,
  );
const BROKEN = (row: number, at: number, cause: unknown) =>
  new PixdockError(
    'invalid_request',
    {
      en: `The body is not valid JSON, or is cut off, at or after item ${row} (near byte ${at}).`,
      zh: `请求体不是有效的 JSON 或不完整，位置在第 ${row} 个条目或其后（约第 ${at} 字节）。`,
    },
    { cause },
  );
