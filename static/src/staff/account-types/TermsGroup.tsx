import { useLanguage } from '../../i18n/staff';
import { AmountInput } from '../form/AmountInput';
import { FormGroup } from '../form/FormGroup';
import { LimitInput } from '../form/LimitInput';

export function TermsGroup() {
  const { t } = useLanguage();
  return (
    <FormGroup title={t('staff.limits')}>
      <LimitInput source="limit_per_transfer" />
      <LimitInput source="limit_per_day" />
      <AmountInput source="fee" helperText={t('staff.feeHelp')} />
    </FormGroup>
  );
}
