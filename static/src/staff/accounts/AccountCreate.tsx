import { AutocompleteInput, ReferenceInput, required } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { AmountInput } from '../form/AmountInput';
import { CreatePage } from '../form/CreatePage';
import { FormGroup } from '../form/FormGroup';
import { TypeInput } from './TypeInput';

/** The form for a member's new account. */
export function AccountCreate() {
  const { t } = useLanguage();
  return (
    <CreatePage
      title={t('staff.openAccount')}
      send={({ owner, type, overdraft }) => ({ owner, type, overdraft: overdraft ?? 0 })}
    >
      <FormGroup title={t('resources.accounts.fields.owner')}>
        <ReferenceInput source="owner" reference="members" perPage={20} sort={{ field: 'username', order: 'ASC' }}>
          <AutocompleteInput validate={required()} filterToQuery={(q: string) => (q ? { q } : {})} />
        </ReferenceInput>
      </FormGroup>
      <FormGroup title={t('staff.terms')}>
        <TypeInput />
        <AmountInput source="overdraft" helperText={t('staff.overdraftHelp')} />
      </FormGroup>
    </CreatePage>
  );
}
