const languages = ['en', 'vi'] as const;

export type Language = (typeof languages)[number];

interface LanguageRange {
  tag: string;
  quality: number;
}

/** `en-GB;q=0.9` of an Accept-Language header (RFC 9110 section 12.5.4). */
const RANGE = /^\s*(\*|[a-z]{1,8}(?:-[a-z\d]{1,8})*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

/**
 * The language of the server that an Accept-Language header prefers.
 * @param otherwise what `*` stands for
 * @returns null where the header accepts none of them, or is missing
 */
export function preferredLanguage(header: string | undefined, otherwise: Language): Language | null {
  if (header === undefined) return null;
  if (header === latest?.header && otherwise === latest.otherwise) return latest.preferred;
  const preferred = negotiate(header, otherwise);
  latest = { header, otherwise, preferred };
  return preferred;
}

/** A request asks twice, and the next one often asks the same. */
let latest: { header: string; otherwise: Language; preferred: Language | null } | undefined;

function negotiate(header: string, otherwise: Language): Language | null {
  const ranges = header.split(',').flatMap(rangeIn);
  // the sort is stable, so that the first of equals wins
  const [best] = ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
  if (best?.tag !== '*') return languages.find((language) => language === best?.tag) ?? null;
  const refused = new Set(ranges.filter(({ quality }) => quality === 0).map(({ tag }) => tag));
  return [otherwise, ...languages].find((language) => !refused.has(language)) ?? null;
}

/** A range that a language of the server fits (RFC 4647 section 3.3.1), by its primary tag. */
function rangeIn(text: string): LanguageRange[] {
  const [, range = '', quality = '1'] = RANGE.exec(text) ?? [];
  const [tag = ''] = range.toLowerCase().split('-');
  return tag === '*' || languages.some((language) => language === tag) ? [{ tag, quality: Number(quality) }] : [];
}
