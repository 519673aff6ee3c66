import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults, withoutComments } from './commits.mjs';

const BODY = '\n\nA duplicate header shifted every column after it.\n';
const long = 'Reject '.padEnd(73, 'x');

const cases = [
  // message, whether it is a merge, the fault
  [`Reject duplicate CSV headers on import${BODY}`, false, null],
  [`${long.slice(0, 72)}${BODY}`, false, null],
  [`${'원'.repeat(72)}${BODY}`, false, null],
  [`${long}${BODY}`, false, /73 characters/],
  [`Reject duplicate CSV headers.${BODY}`, false, /full stop/],
  [`fixup! Reject duplicate CSV headers${BODY}`, false, /work in progress/],
  ['Reject duplicate CSV headers\n', false, /no body/],
  ['Reject duplicate CSV headers\n\nSigned-off-by: Mina <mina@bank.example>\n', false, /no body/],
  ['Reject duplicate CSV headers\nA duplicate header\n\nshifted columns\n', false, /second line/],
  ["Merge branch 'main' into import\n", true, null],
  [`Merge ${long}`, true, /characters/],
  ['', false, /empty/],
];

for (const [message, isMerge, fault] of cases) {
  test(`${JSON.stringify(message)}: ${fault ?? 'no fault'}`, () => {
    const found = faults(message, { isMerge });
    if (fault === null) assert.deepEqual(found, []);
    else assert.match(found.join(), fault);
  });
}

test('comments and the diff are not part of the message', () => {
  const text = 'Reject it\n\nWhy.\n# Please enter\n# ------------------------ >8 ------------------------\ndiff --git\n';
  assert.equal(withoutComments(text), 'Reject it\n\nWhy.');
});
