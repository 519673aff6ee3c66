import type { ReactNode } from 'react';
import { BooleanInput, type RaRecord, useRecordContext } from 'react-admin';
import { formatAccountNumber } from '../../format/accountNumber';
import { useLanguage } from '../../i18n/staff';
import type { AccountRecord } from '../api/records';
import { Money } from '../fields/Money';
import { AmountInput } from '../form/AmountInput';
import { changedFields } from '../form/changedFields';
import { EditPage } from '../form/EditPage';
import { FormGroup } from '../form/FormGroup';
import { LimitInput } from '../form/LimitInput';
import { DescriptionList } from '../record/DescriptionList';
import { TypeInput } from './TypeInput';

const flat = (account: RaRecord): RaRecord => ({ ...account, type: (account as AccountRecord).type.code });

const differing = changedFields(['type', 'frozen', 'overdraft', 'own_limit_per_transfer', 'own_limit_per_day']);

const patch = (data: RaRecord, before: RaRecord) =>
  differing({ ...data, overdraft: (data.overdraft as number | null) ?? 0 } as RaRecord, flat(before));

/** The form for the terms of an account. Its balances are computed and cannot be edited. */
export function AccountEdit() {
  const { t } = useLanguage();
  return (
    <EditPage title={account => formatAccountNumber(String(account.number))} flat={flat} patch={patch}>
      <FormGroup title={t('staff.balances')} note={t('staff.computed')}>
        <Computed />
      </FormGroup>
      <FormGroup title={t('staff.terms')}>
        <TypeInput />
        <AmountInput source="overdraft" helperText={t('staff.overdraftHelp')} />
      </FormGroup>
      <FormGroup title={t('staff.limits')} note={t('staff.limitsNote')}>
        <LimitInput source="own_limit_per_transfer" inherits />
        <LimitInput source="own_limit_per_day" inherits />
      </FormGroup>
      <FormGroup title={t('staff.freeze')} note={t('staff.freezeNote')}>
        <BooleanInput source="frozen.debits" />
        <BooleanInput source="frozen.credits" />
      </FormGroup>
    </EditPage>
  );
}

function Computed() {
  const { t } = useLanguage();
  const account = useRecordContext<AccountRecord>();
  if (!account) return null;
  const rows = (['posted', 'available', 'held', 'left_today'] as const).map(
    name =>
      [t(`resources.accounts.fields.${name}`), <Money key={name} minor={account[name]} of={account} />] as [
        string,
        ReactNode,
      ],
  );
  return <DescriptionList rows={rows} />;
}
