import { rawZip } from './raw-zip.js';

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PREFIXES = [
  'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"',
  `xmlns:r="${OFFICE}"`,
  'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
  'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"',
].join(' ');

type Target = [kind: string, target: string, isExternal?: boolean];

/** Relationships whose ids are `rId1`, `rId2` and so on. A kind without a slash is one of ECMA-376. */
export function relationships(...targets: Target[]): string {
  const written = targets.map(([kind, target, isExternal], i) => {
    const type = kind.includes('/') ? kind : `${OFFICE}/${kind}`;
    return `<Relationship Id="rId${i + 1}" Type="${type}" Target="${target}"${isExternal ? ' TargetMode="External"' : ''}/>`;
  });
  return `<Relationships>${written.join('')}</Relationships>`;
}

/** A cell with a string of its own. */
export const text = (place: string, content: string) =>
  `<c r="${place}" t="inlineStr"><is><t>${content}</t></is></c>`;

export const row = (number: number, ...cells: string[]) => `<row r="${number}">${cells.join('')}</row>`;

interface Given {
  rows: string;
  /** After the rows. */
  after?: string;
  /** Of the sheet. */
  relations?: Target[];
  /** Of the workbook, after that of the sheet. */
  bookRelations?: Target[];
  /** Instead of one visible sheet. */
  sheets?: string;
  /** Further parts by name. */
  parts?: Record<string, string | Buffer>;
}

/** An XLSX workbook with one sheet. */
export function workbookOf(given: Given): Buffer {
  const { rows, after = '', relations = [], bookRelations = [], parts = {} } = given;
  const { sheets = '<sheet name="Sheet1" sheetId="1" r:id="rId1"/>' } = given;
  const all: Record<string, string | Buffer> = {
    '[Content_Types].xml': '<Types/>',
    '_rels/.rels': relationships(['officeDocument', 'xl/workbook.xml']),
    'xl/workbook.xml': `<workbook ${PREFIXES}><sheets>${sheets}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationships(['worksheet', 'worksheets/sheet1.xml'], ...bookRelations),
    'xl/worksheets/sheet1.xml': `<?xml version="1.0"?><worksheet ${PREFIXES}><sheetData>${rows}</sheetData>${after}</worksheet>`,
    'xl/worksheets/_rels/sheet1.xml.rels': relationships(...relations),
    ...parts,
  };
  return rawZip(Object.entries(all).map(([name, content]) => ({ name, content }))).archive;
}

/** A drawing with the pictures of its relationships `rId1`, `rId2` and so on, each at a cell counted from 0. */
export function drawingOf(...places: [row: number, column: number][]): string {
  const anchors = places.map(
    ([at, column], i) =>
      `<xdr:twoCellAnchor><xdr:from><xdr:col>${column}</xdr:col><xdr:row>${at}</xdr:row></xdr:from><xdr:to><xdr:col>9</xdr:col><xdr:row>99</xdr:row></xdr:to><xdr:pic><xdr:blipFill><a:blip r:embed="rId${i + 1}"/></xdr:blipFill></xdr:pic></xdr:twoCellAnchor>`,
  );
  return `<xdr:wsDr ${PREFIXES}>${anchors.join('')}</xdr:wsDr>`;
}

/** What WPS stores for pictures in cells, by their names, in the order of the relationships `rId1`, `rId2` and so on. */
export function cellImagesOf(...names: string[]): string {
  const images = names.map(
    (name, i) =>
      `<etc:cellImage><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="${i + 2}" name="${name}"/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId${i + 1}"/></xdr:blipFill></xdr:pic></etc:cellImage>`,
  );
  return `<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" ${PREFIXES}>${images.join('')}</etc:cellImages>`;
}
