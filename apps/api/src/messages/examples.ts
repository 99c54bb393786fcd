/** Example of the query parameter `columns`. */
export const COLUMNS_EXAMPLE = '主图链接:url,编号:externalId';
