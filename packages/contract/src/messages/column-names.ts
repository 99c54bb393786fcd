import type { Language } from './text.js';

/** Headers that suppliers give to columns, in lower case without spaces, by the field that they mean. */
export const COLUMN_NAMES: Readonly<Record<'url' | 'externalId' | 'profile' | 'sha256', readonly string[]>> =
  {
    url: [
      'url',
      'imageurl',
      'imgurl',
      'pictureurl',
      'photourl',
      'image',
      'images',
      'imagelink',
      'imagesrc',
      'picture',
      'photo',
      'link',
      'src',
      'mainimage',
      '主图',
      '主图链接',
      '主图地址',
      '主图url',
      '图片',
      '图片链接',
      '图片地址',
      '图片网址',
      '图片url',
      '商品图片',
      '商品主图',
      '副图',
      '详情图',
      '链接',
      '网址',
    ],
    externalId: [
      'externalid',
      'id',
      'sku',
      'skuid',
      'itemid',
      'productid',
      'spu',
      'articlenumber',
      'articleno',
      'itemno',
      'partnumber',
      '编号',
      '商品编号',
      '商品编码',
      '商品id',
      '货号',
      '款号',
      '商家编码',
      '外部编号',
    ],
    profile: ['profile', '处理方案'],
    sha256: ['sha256'],
  };

/** The end of any other name for URLs of pictures, such as 细节图链接 or `backimageurl`. */
export const URL_NAME = /(?:图|图片|照片|image|img|picture|photo)(?:链接|地址|网址|url|link|src)$/;

/** The columns that the report of a workbook adds to its sheet. No name may be one that is taken for a column of URLs. */
export const WORKBOOK_COLUMNS: Readonly<
  Record<Language, readonly [url: string, status: string, reason: string]>
> = {
  en: ['Pixdock URL', 'Pixdock status', 'Pixdock reason'],
  zh: ['Pixdock 链接', 'Pixdock 状态', 'Pixdock 原因'],
};
