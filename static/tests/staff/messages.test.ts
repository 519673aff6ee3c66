import { expect, test } from 'vitest';
import { staffEnglish } from '../../src/staff/messages/en';
import { staffKorean } from '../../src/staff/messages/ko';

/** The names in a text that values are put in for. */
const names = (text: string) => [...new Set(text.match(/%\{\w+\}/g))].sort();

function texts(of: object, path = ''): [string, string][] {
  return Object.entries(of).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [[`${path}${name}`, value] as [string, string]]
      : texts(value as object, `${path}${name}.`),
  );
}

test('both languages say the same with the same values', () => {
  const korean = new Map(texts(staffKorean));
  for (const [key, english] of texts(staffEnglish)) {
    expect(korean.get(key), key).toBeTruthy();
    expect(names(korean.get(key) ?? ''), key).toEqual(names(english));
  }
});
