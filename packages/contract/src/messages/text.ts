/** A sentence in the languages of Pixdock. */
export interface Text {
  en: string;
  zh: string;
}

export type Language = keyof Text;
