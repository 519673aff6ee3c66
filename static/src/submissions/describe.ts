import { formatAccountNumber } from '../format/accountNumber';
import type { Language } from '../format/money';
import { formatMoney } from '../format/money';
import type { Translate } from '../i18n';
import type { Draft } from './requests';

/** What an order is, in the reader's words: `Transfer of ₩10,000 to account 0000-0000-0195`. */
export function describeSubmission(t: Translate, language: Language, { kind, subject }: Draft): string {
  const { minor, currency, scale = 0, from, to, name, count } = subject;
  const amount = minor === undefined ? '' : formatMoney(minor, currency ?? '', scale, language);
  return (t as (key: string, values: object) => string)(`order.${kind}`, {
    amount,
    from: formatAccountNumber(from ?? ''),
    to: formatAccountNumber(to ?? ''),
    name: name ?? '',
    count: count ?? 0,
  });
}
