import type { Catalogue, Text } from './translate';

interface Messages {
  readonly [name: string]: string | Messages;
}

/** Reads a text of react-admin: `%{name}` is a placeholder, `||||` separates one from many, and the number is `smart_count`. */
function readText(text: string): Text {
  const [one = '', other] = text
    .replaceAll('%{smart_count}', '{count}')
    .replace(/%\{(\w+)\}/g, '{$1}')
    .split('||||');
  return other === undefined ? one : { one: one.trim(), other: other.trim() };
}

/** Turns the nested messages of a react-admin language package into a catalogue. */
export function flattenMessages(messages: object, prefix = ''): Catalogue {
  const texts: Record<string, Text> = {};
  for (const [name, message] of Object.entries(messages as Messages)) {
    if (typeof message === 'string') texts[prefix + name] = readText(message);
    else Object.assign(texts, flattenMessages(message, `${prefix}${name}.`));
  }
  return texts;
}
