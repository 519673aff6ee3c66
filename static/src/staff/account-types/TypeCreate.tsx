import { useQuery } from '@tanstack/react-query';
import { required, SelectInput, TextInput } from 'react-admin';
import { api } from '../../api/client';
import { useLanguage } from '../../i18n/staff';
import { CreatePage } from '../form/CreatePage';
import { FormGroup } from '../form/FormGroup';
import { TermsGroup } from './TermsGroup';

export function TypeCreate() {
  const { t } = useLanguage();
  const currencies = useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity }).data?.currencies ?? [];
  return (
    <CreatePage
      title={t('staff.newType')}
      send={({ code, name, currency, limit_per_transfer: once, limit_per_day: daily, fee }) => ({
        code,
        name,
        currency,
        limit_per_transfer: once ?? null,
        limit_per_day: daily ?? null,
        fee: fee ?? 0,
      })}
    >
      <FormGroup title={t('staff.profile')}>
        <TextInput source="code" validate={required()} helperText={t('staff.codeHelp')} />
        <TextInput source="name" validate={required()} />
        <SelectInput
          source="currency"
          choices={currencies.map(({ code }) => ({ id: code, name: code }))}
          validate={required()}
        />
      </FormGroup>
      <TermsGroup />
    </CreatePage>
  );
}
