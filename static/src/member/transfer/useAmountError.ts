import { parse } from '../../format/money';
import { useLanguage } from '../../i18n';

/** What is wrong with a typed amount; `asked` tells whether an empty one is wrong already. */
export function useAmountError() {
  const { t } = useLanguage();
  return (text: string, scale: number, asked: boolean): string | null => {
    const { error, minor } = parse(text, scale);
    if (error === 'invalid') return t('transfer.notAmount');
    if (error === 'too_precise') return t('transfer.tooPrecise', { scale });
    if (error === 'too_large') return t('transfer.tooLarge');
    return asked && !minor ? t('transfer.needAmount') : null;
  };
}
