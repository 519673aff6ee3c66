import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en } from '../src/i18n/en';
import { ko } from '../src/i18n/ko';
import { problemsEnglish } from '../src/staff/messages/problems.en';
import { problemsKorean } from '../src/staff/messages/problems.ko';

const ROOT = join(import.meta.dirname, '../..');

/** The sources of the service without its tests. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'tests' ? [] : sources(path);
    return entry.name.endsWith('.rs') && !entry.name.includes('tests') ? [readFileSync(path, 'utf8')] : [];
  });
}

const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(match => match[1] ?? '');
const refusals = found(readFileSync(join(ROOT, 'crates/ledger/src/refusal/mod.rs'), 'utf8'), /=> "([a-z_]+)",/g);
const problems = sources(join(ROOT, 'src/server'))
  .flatMap(text => [...found(text, /Problem::new\(\s*(?:StatusCode::\w+|status),\s*"([a-z_]+)"/g), ...found(text, /unavailable\("([a-z_]+)"/g)]);
const codes = [...new Set([...refusals, ...problems])].sort();

/** What only staff can be told: about holds at the counter, account types, reversals, and the bank's own things. */
const STAFF_ONLY = new Set([
  'account_exists', 'capture_too_large', 'currency_fixed', 'erased', 'erasure_unfinished', 'expiry_passed', 'hold_awaits_verification', 'hold_expired', 'hold_lowered', 'hold_not_due', 'hold_settled',
  'hold_unknown', 'hold_voided', 'holds_open', 'last_admin', 'linked', 'not_empty', 'not_reversible', 'not_verified', 'nothing_to_sweep', 'number_reserved',
  'overdraft_in_use', 'record_conflict', 'reversal_too_large', 'reversals_sound', 'several_captures', 'type_exists', 'type_fixed', 'under_verification',
]);

test('the codes come from the sources', () => {
  expect(refusals.length).toBeGreaterThan(40);
  expect(problems).toContain('rate_limited');
});

test('staff reads every problem of the service in both languages', () => {
  for (const texts of [problemsEnglish, problemsKorean] as Record<string, string>[]) expect(codes.filter(code => !texts[code])).toEqual([]);
});

test('members read every problem that can be theirs in both languages', () => {
  const theirs = codes.filter(code => !STAFF_ONLY.has(code));
  for (const texts of [en, ko] as Record<string, string>[]) {
    expect(theirs.filter(code => !texts[`error.${code}`] && !texts[`refusal.${code}`])).toEqual([]);
  }
});
