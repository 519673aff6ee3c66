import { type Language, LOCALES } from '../i18n/language';

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat(LOCALES[language], options);
    formats.set(key, found);
  }
  return found;
}

/** Formats a number with grouped digits: `12,345`. Money has its own functions. */
export const formatNumber = (value: number, language: Language) =>
  numberFormat(language, { maximumFractionDigits: 2 }).format(value);

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Formats a number of bytes: `12.3 MB`. */
export function formatBytes(bytes: number, language: Language): string {
  const power = Math.floor(Math.log10(Math.max(1, bytes)) / 3);
  const unit = BYTE_UNITS[Math.min(BYTE_UNITS.length - 1, power)] ?? 'byte';
  const scaled = bytes / 1000 ** BYTE_UNITS.indexOf(unit);
  return numberFormat(language, { style: 'unit', unit, maximumFractionDigits: unit === 'byte' ? 0 : 1 }).format(scaled);
}
