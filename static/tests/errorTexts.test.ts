import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errors as english } from '../src/i18n/en/shared/errors';
import { problems as englishForStaff } from '../src/i18n/en/staff/problems';
import { errors as korean } from '../src/i18n/ko/shared/errors';
import { problems as koreanForStaff } from '../src/i18n/ko/staff/problems';

const ROOT = join(import.meta.dirname, '../..');

/** Reads the sources of the service, without its tests. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'tests' ? [] : sources(path);
    return entry.name.endsWith('.rs') && !entry.name.includes('tests') ? [readFileSync(path, 'utf8')] : [];
  });
}

const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(match => match[1] ?? '');
const refusals = found(readFileSync(join(ROOT, 'crates/ledger/src/refusal/mod.rs'), 'utf8'), /=> "([a-z_]+)",/g);
const problems = sources(join(ROOT, 'src/server')).flatMap(text => [
  ...found(text, /Problem::new\(\s*(?:StatusCode::\w+|status),\s*"([a-z_]+)"/g),
  ...found(text, /unavailable\("([a-z_]+)"/g),
]);
const codes = [...new Set([...refusals, ...problems])].sort();

/** Codes that only staff can meet: holds at the counter, account types, reversals, the bank's own accounts. */
const STAFF_ONLY = new Set([
  'account_exists',
  'capture_too_large',
  'currency_fixed',
  'erased',
  'erasure_unfinished',
  'expiry_passed',
  'hold_awaits_verification',
  'hold_expired',
  'hold_lowered',
  'hold_not_due',
  'hold_settled',
  'hold_unknown',
  'hold_voided',
  'holds_open',
  'last_admin',
  'linked',
  'not_empty',
  'not_reversible',
  'not_verified',
  'nothing_to_sweep',
  'number_reserved',
  'overdraft_in_use',
  'record_conflict',
  'reversal_too_large',
  'reversals_sound',
  'several_captures',
  'type_exists',
  'type_fixed',
  'under_verification',
]);

test('the codes are read from the sources', () => {
  expect(refusals.length).toBeGreaterThan(40);
  expect(problems).toContain('rate_limited');
});

test('staff has a text for every code of the service in both languages', () => {
  for (const texts of [englishForStaff, koreanForStaff] as Record<string, string>[])
    expect(codes.filter(code => !texts[`problem.${code}`])).toEqual([]);
});

test('members have a text for every code that they can meet in both languages', () => {
  const theirs = codes.filter(code => !STAFF_ONLY.has(code));
  for (const texts of [english, korean] as Record<string, string>[]) {
    expect(theirs.filter(code => !texts[`error.${code}`] && !texts[`refusal.${code}`])).toEqual([]);
  }
});
