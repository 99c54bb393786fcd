import { posix } from 'node:path';
import { MAX_ROW_ITEMS } from '@pixdock/shared/state/manifest/stored';
import type { CellSource } from '../unchecked-item.js';
import { type Parts, type Relation, targetOf } from './parts.js';
import { tooComplex } from './refusals.js';
import { relationIn } from './xml.js';

/** Pictures of a workbook, wherever they lie. */
const MAX_PICTURES = 200_000;
/** WPS writes 35. */
const MAX_NAME_CHARACTERS = 255;

/** Finds the pictures of cells. */
export type CellPictures = Awaited<ReturnType<typeof readPictures>>;

/**
 * @param book relationships of the workbook
 * @param drawings the drawings of the sheet
 */
export async function readPictures(
  parts: Parts,
  book: ReadonlyMap<string, Relation>,
  drawings: readonly string[],
) {
  const floating = new Map<number, { column: number; source: CellSource }[]>();
  for (const drawing of drawings)
    await readDrawing(parts, drawing, (row, column, source) => {
      const inRow = floating.get(row) ?? [];
      // A row with more is refused.
      if (inRow.length <= MAX_ROW_ITEMS) inRow.push({ column, source });
      floating.set(row, inRow);
    });
  for (const inRow of floating.values()) inRow.sort((one, other) => one.column - other.column);
  const named = await readNamed(parts, targetOf(book, 'cellimage') ?? 'xl/cellimages.xml');
  const inCell = await readInCell(parts, book);
  return {
    /** A picture that lies above the cells, by the cell of its top left corner; columns and rows from 1. */
    floating,
    /** WPS: the picture named in `DISPIMG("ID_…",1)`. */
    named: (id: string) => named.get(id),
    /** Excel: the picture in a cell, by the number of the cell's value metadata, from 1. */
    inCell: (valueMetadata: string) => inCell(Number(valueMetadata)),
  };
}

function sourceOf(parts: Parts, relation: Relation | undefined): CellSource | undefined {
  if (relation === undefined) return undefined;
  if (relation.isExternal) return { url: relation.target };
  const entry = parts.file(relation.target);
  if (entry === undefined) return undefined;
  const { origin, fault } = entry;
  return {
    filename: posix.basename(relation.target),
    origin: fault === null ? origin : null,
    fault: fault === null ? null : { field: null, ...fault },
  };
}

/** Reads the pictures of a drawing (ECMA-376 part 1, 20.5), those in groups by the place of their group. */
async function readDrawing(
  parts: Parts,
  drawing: string,
  add: (row: number, column: number, source: CellSource) => void,
): Promise<void> {
  const relations = await parts.relationsOf(drawing);
  const corner = { row: 0, column: 0 };
  let isAnchored = false;
  let isFrom = false;
  let inFallback = 0;
  let count = 0;
  await parts.read(drawing, {
    open(element, attributes) {
      if (element === 'Fallback') inFallback++;
      if (element === 'twoCellAnchor' || element === 'oneCellAnchor') isAnchored = true;
      if (element === 'from') isFrom = true;
      if (element !== 'blip' || !isAnchored || inFallback > 0) return;
      const id = relationIn(attributes, 'embed') ?? relationIn(attributes, 'link');
      const source = sourceOf(parts, relations.get(id ?? ''));
      if (source === undefined) return;
      if (++count > MAX_PICTURES) throw tooComplex('pictures', MAX_PICTURES);
      add(corner.row + 1, corner.column + 1, source);
    },
    close(element, text) {
      if (element === 'Fallback') inFallback--;
      if (element === 'from') isFrom = false;
      if (isFrom && element === 'row') corner.row = Number(text);
      if (isFrom && element === 'col') corner.column = Number(text);
      if (element.endsWith('CellAnchor')) isAnchored = false;
    },
  });
}

/** Reads the pictures that WPS puts into cells, by their names. */
async function readNamed(parts: Parts, name: string): Promise<ReadonlyMap<string, CellSource>> {
  const named = new Map<string, CellSource>();
  if (!parts.has(name)) return named;
  const relations = await parts.relationsOf(name);
  let current = '';
  await parts.read(name, {
    open(element, attributes) {
      if (element === 'cNvPr') current = attributes['name']?.slice(0, MAX_NAME_CHARACTERS) ?? '';
      if (element !== 'blip') return;
      const source = sourceOf(parts, relations.get(relationIn(attributes, 'embed') ?? ''));
      if (source === undefined) return;
      if (named.size === MAX_PICTURES) throw tooComplex('pictures', MAX_PICTURES);
      named.set(current, source);
    },
  });
  return named;
}

/**
 * Reads the pictures that Excel puts into cells (MS-XLSX 2.3.6.1, rich values). A cell names value metadata, which names a rich
 * value, whose structure says which of its values is the number of a relationship.
 */
async function readInCell(
  parts: Parts,
  book: ReadonlyMap<string, Relation>,
): Promise<(valueMetadata: number) => CellSource | undefined> {
  const [metadata, values, structures, links] = [
    'sheetMetadata',
    'rdRichValue',
    'rdRichValueStructure',
    'richValueRel',
  ].map((kind) => targetOf(book, kind));
  if (metadata === undefined || values === undefined || structures === undefined || links === undefined)
    return () => undefined;

  const imageKeys = await readImageKeys(parts, structures);
  const imageOfValue = await readRichValues(parts, values, imageKeys);
  const valueOfCell = await readValueMetadata(parts, metadata);
  const relations = await parts.relationsOf(links);
  const ids: string[] = [];
  await parts.read(links, {
    open(element, attributes) {
      if (element !== 'rel') return;
      if (ids.length === MAX_PICTURES) throw tooComplex('pictures', MAX_PICTURES);
      ids.push(relationIn(attributes, 'id') ?? '');
    },
  });
  return (cell) => {
    const image = imageOfValue[valueOfCell[cell - 1] ?? -1] ?? -1;
    return sourceOf(parts, relations.get(ids[image] ?? ''));
  };
}

/** For each structure, the place of the value that refers to a picture; -1 without one. */
async function readImageKeys(parts: Parts, part: string): Promise<number[]> {
  const places: number[] = [];
  let key = 0;
  await parts.read(part, {
    open(element, { n }) {
      if (places.length === MAX_PICTURES) throw tooComplex('pictures', MAX_PICTURES);
      if (element === 's') places.push(-1);
      if (element === 's') key = 0;
      if (element !== 'k') return;
      if (n === '_rvRel:LocalImageIdentifier') places[places.length - 1] = key;
      key++;
    },
  });
  return places;
}

/** For each rich value, the number of its picture; -1 without one. */
async function readRichValues(parts: Parts, part: string, imageKeys: readonly number[]): Promise<number[]> {
  const images: number[] = [];
  let structure = -1;
  let place = 0;
  await parts.read(part, {
    open(element, { s }) {
      if (element !== 'rv') return;
      if (images.length === MAX_PICTURES) throw tooComplex('pictures', MAX_PICTURES);
      structure = Number(s);
      place = 0;
      images.push(-1);
    },
    close(element, text) {
      if (element !== 'v') return;
      if (place === imageKeys[structure]) images[images.length - 1] = Number(text);
      place++;
    },
  });
  return images;
}

/** For each value metadata, the number of its rich value. */
async function readValueMetadata(parts: Parts, part: string): Promise<number[]> {
  const richValues: number[] = [];
  const ofCells: number[] = [];
  let list = '';
  let type = '';
  let richType = 0;
  let types = 0;
  await parts.read(part, {
    open(element, attributes) {
      if (element === 'metadataType') {
        types++;
        if (attributes['name'] === 'XLRICHVALUE') richType = types;
      }
      if (element === 'futureMetadata' || element === 'valueMetadata') list = element;
      if (element === 'futureMetadata') type = attributes['name'] ?? '';
      if (richValues.length + ofCells.length > 2 * MAX_PICTURES) throw tooComplex('pictures', MAX_PICTURES);
      if (element === 'rvb' && type === 'XLRICHVALUE') richValues.push(Number(attributes['i']));
      if (element !== 'rc' || list !== 'valueMetadata') return;
      ofCells.push(Number(attributes['t']) === richType ? Number(attributes['v']) : -1);
    },
  });
  return ofCells.map((place) => richValues[place] ?? -1);
}
