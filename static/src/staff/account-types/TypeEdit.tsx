import { type RaRecord, required, TextInput } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { changedFields } from '../form/changedFields';
import { EditPage } from '../form/EditPage';
import { FormGroup } from '../form/FormGroup';
import { TermsGroup } from './TermsGroup';

const patch = changedFields(['name', 'limit_per_transfer', 'limit_per_day', 'fee']);

export function TypeEdit() {
  const { t } = useLanguage();
  return (
    <EditPage
      title={type => String(type.name)}
      patch={(data, before) => patch({ ...data, fee: (data.fee as number | null) ?? 0 } as RaRecord, before)}
    >
      <FormGroup title={t('staff.profile')}>
        <TextInput source="code" readOnly helperText={t('staff.fixed')} />
        <TextInput source="name" validate={required()} />
      </FormGroup>
      <TermsGroup />
    </EditPage>
  );
}
