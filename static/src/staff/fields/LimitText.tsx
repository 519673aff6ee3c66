import { useLanguage } from '../../i18n/staff';
import { type InCurrency, Money } from './Money';

/** A limit: `null` means none, 0 forbids transfers. */
export function LimitText({ minor, of }: { minor: number | null | undefined; of: InCurrency }) {
  const { t } = useLanguage();
  if (minor === null || minor === undefined) return <>{t('staff.noLimit')}</>;
  if (minor === 0) return <>{t('staff.forbidden')}</>;
  return <Money minor={minor} of={of} />;
}
