/** Which parts of the source may import which, so that no part loads what only another one needs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** The files that a file imports at run time: `import type` is erased. */
function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/^import type [^;]*;/gm, '');
  const names = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map(match => match[1] ?? '');
  return names.flatMap(name => {
    const path = resolve(dirname(file), name);
    return (
      ['', '.ts', '.tsx', '/index.ts', '/index.tsx']
        .map(end => path + end)
        .find(found => /\.tsx?$/.test(found) && existsSync(found)) ?? []
    );
  });
}

function reachable(from: string): string[] {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    imports(file).forEach(visit);
  };
  visit(from);
  return [...found].map(file => relative(SRC, file));
}

const isStaffs = (file: string) => /^staff\/|^i18n\/(en|ko)\/staff|^i18n\/staff/.test(file);
const isMembers = (file: string) => /^member\/|^i18n\/(en|ko)\/member|^i18n\/member/.test(file);

describe('an entry', () => {
  it("of the members' part loads nothing of the staff's, its texts included", () => {
    const files = reachable(join(SRC, 'member/main.tsx'));
    expect(files).toContain('i18n/ko/member.ts');
    expect(files.filter(isStaffs)).toEqual([]);
  });

  it("of the staff's part loads nothing of the members'", () => {
    const files = reachable(join(SRC, 'staff/main.tsx'));
    expect(files).toContain('i18n/ko/staff.ts');
    expect(files.filter(isMembers)).toEqual([]);
  });
});

it('what both parts share imports neither', () => {
  const all = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(name => /\.tsx?$/.test(name));
  const shared = all.filter(name => !isStaffs(name) && !isMembers(name));
  expect(shared).toContain('submissions/submit.ts');
  const wrong = shared.filter(name =>
    imports(join(SRC, name))
      .map(file => relative(SRC, file))
      .some(file => isStaffs(file) || isMembers(file)),
  );
  expect(wrong).toEqual([]);
});
