/**
 * Returns where the caret belongs in a text that was reformatted while typing: after as many significant characters as
 * before.
 */
export function caretPosition(
  before: string,
  at: number,
  after: string,
  isPart: (character: string) => boolean,
): number {
  let left = [...before.slice(0, at)].filter(character => isPart(character.normalize('NFKC'))).length;
  let place = 0;
  while (left > 0 && place < after.length) {
    if (isPart(after[place] ?? '')) left -= 1;
    place += 1;
  }
  return place;
}
