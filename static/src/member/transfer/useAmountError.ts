import { parseAmount } from '../../format/amountInput';
import { useLanguage } from '../../i18n/member';

/** Returns a function that checks a typed amount. With `asked`, an empty one is an error too. */
export function useAmountError() {
  const { t } = useLanguage();
  return (text: string, { currency, scale }: { currency: string; scale: number }, asked: boolean): string | null => {
    const { error, minor } = parseAmount(text, scale, currency);
    if (error === 'invalid') return t(scale === 0 ? 'transfer.notAmount' : 'transfer.notDecimal');
    if (error === 'too_precise') return scale === 0 ? t('transfer.noDecimals') : t('transfer.tooPrecise', { scale });
    if (error === 'too_large') return t('transfer.tooLarge');
    return asked && !minor ? t('transfer.needAmount') : null;
  };
}
