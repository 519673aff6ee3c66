import { formatAccountNumber } from '../format/accountNumber';
import { formatMoney } from '../format/money';
import type { Language } from '../i18n/language';
import type { SharedKey, Translate } from '../i18n/translate';
import type { Draft } from './requests';

/** Describes a request: `Transfer of ₩10,000 to account 0000-0000-0195`. */
export function describeSubmission(t: Translate<SharedKey>, language: Language, { kind, subject }: Draft): string {
  const { minor, currency, scale = 0, from, to, name, count } = subject;
  const amount = minor === undefined ? '' : formatMoney(minor, currency ?? '', scale, language);
  return (t as (key: string, values: object) => string)(`submission.kind.${kind}`, {
    amount,
    from: formatAccountNumber(from ?? ''),
    to: formatAccountNumber(to ?? ''),
    name: name ?? '',
    count: count ?? 0,
  });
}
