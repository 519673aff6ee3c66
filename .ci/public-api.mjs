// Compares the public items of the library with tests/public-api.txt.
//
//   node .ci/public-api.mjs                      compare
//   JANGBU_WRITE_API=1 node .ci/public-api.mjs   write the list anew, after a change that is intended
//
// The items are those in the documentation that `make documentation` builds. It follows re-exports through all crates, so
// this is what a program can name. The list has the items by module, and of each type its fields, variants, functions and
// traits. Types of fields and arguments are not in it.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT, TARGET_DIRECTORY } from './workspace.mjs';

const LIST = join(ROOT, 'tests/public-api.txt');
const DOCUMENTATION = join(TARGET_DIRECTORY, 'doc/jangbu');
/** Traits that the compiler implements, and that a caller may rely on. */
const AUTO_TRAITS = ['Send', 'Sync'];
/** A detail of `derive(PartialEq)` that no program can name. */
const INTERNAL_TRAIT = 'StructuralPartialEq';

const text = (html) =>
  html.replace(/<[^>]*>/g, '').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&').replace(/\s+/g, ' ');

/** Returns the part of a page from the element with this id up to the next list of implementations. */
function part(page, id) {
  const begin = page.indexOf(`id="${id}"`);
  if (begin < 0) return '';
  const end = page.slice(begin + 1).search(/id="[a-z]+(-[a-z]+)*-implementations-list"/);
  return end < 0 ? page.slice(begin) : page.slice(begin, begin + 1 + end);
}

/** Returns the heading of each implementation, such as `Display for Amount`. */
const implementations = (html) =>
  [...html.matchAll(/<section id="impl-[^"]*" class="impl">.*?<h3 class="code-header">(.*?)<\/h3>/gs)].map(([, heading]) =>
    // Without the `where` clause, which is on lines of its own.
    text(heading.replace(/<div class="where">.*/s, '')).replace(/^(unsafe )?impl ?(<.*?> )?/, '').trim(),
  );

/** Returns the members of an item, from its page. */
export function members(page) {
  const found = [];
  for (const [, kind, name, field] of page.matchAll(/id="(structfield|variant)\.(\w+)(?:\.field\.(\w+))?" class=/g)) {
    found.push(kind === 'structfield' ? `field ${name}` : field ? `variant ${name}.${field}` : `variant ${name}`);
  }
  // Those of a trait's implementation have the class `trait-impl`, too.
  for (const [, kind, name] of page.matchAll(/<section id="(\w+)\.(\w+)" class="(?:method|associated\w+)">/g)) {
    found.push(`${{ method: 'fn', tymethod: 'fn', associatedconstant: 'const', associatedtype: 'type' }[kind]} ${name}`);
  }
  const traits = implementations(part(page, 'trait-implementations-list'));
  const automatic = implementations(part(page, 'synthetic-implementations-list'));
  const kept = automatic.filter((heading) => AUTO_TRAITS.some((name) => heading.startsWith(`${name} for`)));
  // In `From<X> for Y` the type after `for` is the item itself.
  const names = new Set([...traits, ...kept].map((heading) => heading.replace(/ for [^>]*$/, '')));
  names.delete(INTERNAL_TRAIT);
  const lines = [...new Set(found)].sort();
  return names.size === 0 ? lines : [...lines, `implements ${[...names].sort().join(', ')}`];
}

/** Returns the lines of the list. */
function list() {
  const all = readFileSync(join(DOCUMENTATION, 'all.html'), 'utf8');
  const items = [...all.matchAll(/<li><a href="([^"]*\.html)">([^<]*)<\/a><\/li>/g)].map(([, href, path]) => {
    const [kind] = basename(href).split('.');
    return { path: `jangbu::${path}`, kind, href };
  });
  const byPath = (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
  return items.sort(byPath).flatMap(({ path, kind, href }) => {
    const page = readFileSync(join(DOCUMENTATION, href), 'utf8');
    return [`${kind} ${path}`, ...members(page).map((member) => `  ${member}`)];
  });
}

function main() {
  const now = list();
  if (process.env.JANGBU_WRITE_API) {
    writeFileSync(LIST, `${now.join('\n')}\n`);
    console.log(`wrote ${LIST}`);
    return 0;
  }
  const items = (lines) => {
    let item = '';
    return new Set(lines.map((line) => (line.startsWith('  ') ? `${item}: ${line.trim()}` : (item = line))));
  };
  const [before, after] = [items(readFileSync(LIST, 'utf8').trimEnd().split('\n')), items(now)];
  const differences = [
    ...[...before].filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ];
  if (differences.length === 0) {
    console.log(`the public API is as listed: ${after.size} items`);
    return 0;
  }
  console.error('the public API differs from tests/public-api.txt:');
  differences.forEach((line) => console.error(line));
  console.error('if this is intended: make documentation && JANGBU_WRITE_API=1 node .ci/public-api.mjs');
  return 1;
}

if (basename(process.argv[1] ?? '') === 'public-api.mjs') process.exitCode = main();
