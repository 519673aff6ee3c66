import { shown } from '../format/accountNumber';
import type { Language } from '../format/money';
import { money } from '../format/money';
import type { Translate } from '../i18n/index';
import type { Draft } from './requests';

/** What an order is, in the reader's words: `Transfer of ₩10,000 to account 0000-0000-0195`. */
export function orderText(t: Translate, language: Language, { form, about }: Draft): string {
  const { minor, currency, scale = 0, from, to, name, count } = about;
  const amount = minor === undefined ? '' : money(minor, currency ?? '', scale, language);
  return (t as (key: string, values: object) => string)(`order.${form}`, {
    amount,
    from: shown(from ?? ''),
    to: shown(to ?? ''),
    name: name ?? '',
    count: count ?? 0,
  });
}
