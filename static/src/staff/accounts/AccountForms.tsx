import type { ReactNode } from 'react';
import {
  AutocompleteInput,
  BooleanInput,
  type RaRecord,
  ReferenceInput,
  required,
  SelectInput,
  useRecordContext,
  useTranslate,
} from 'react-admin';
import { shown } from '../../format/accountNumber';
import type { AccountRecord } from '../api/records';
import { Sum } from '../fields/fields';
import { AmountInput } from '../form/AmountInput';
import { CreatePage, changed, EditPage, Group } from '../form/FormPage';
import { LimitInput } from '../form/LimitInput';
import { Facts } from '../record/Card';

const flat = (account: RaRecord): RaRecord => ({ ...account, type: (account as AccountRecord).type.code });
const differing = changed(['type', 'frozen', 'overdraft', 'own_limit_per_transfer', 'own_limit_per_day']);
const patch = (data: RaRecord, before: RaRecord) =>
  differing({ ...data, overdraft: (data.overdraft as number | null) ?? 0 } as RaRecord, flat(before));

function TypeInput() {
  return (
    <ReferenceInput source="type" reference="account-types" perPage={200} sort={{ field: 'code', order: 'ASC' }}>
      <SelectInput optionText="name" validate={required()} />
    </ReferenceInput>
  );
}

/** The terms of an account. Its balances are computed, and only shown. */
export function AccountEdit() {
  const t = useTranslate();
  return (
    <EditPage title={account => shown(String(account.number))} flat={flat} patch={patch}>
      <Group title={t('staff.balances')} note={t('staff.computed')}>
        <Computed />
      </Group>
      <Group title={t('staff.terms')}>
        <TypeInput />
        <AmountInput source="overdraft" helperText="staff.overdraft_help" />
      </Group>
      <Group title={t('staff.limits')} note={t('staff.limits_note')}>
        <LimitInput source="own_limit_per_transfer" inherits />
        <LimitInput source="own_limit_per_day" inherits />
      </Group>
      <Group title={t('staff.freeze')} note={t('staff.freeze_note')}>
        <BooleanInput source="frozen.debits" />
        <BooleanInput source="frozen.credits" />
      </Group>
    </EditPage>
  );
}

function Computed() {
  const t = useTranslate();
  const account = useRecordContext<AccountRecord>();
  if (!account) return null;
  const rows = (['posted', 'available', 'held', 'left_today'] as const).map(
    name =>
      [t(`resources.accounts.fields.${name}`), <Sum key={name} minor={account[name]} of={account} />] as [
        string,
        ReactNode,
      ],
  );
  return <Facts rows={rows} />;
}

/** A new account for a member. */
export function AccountCreate() {
  const t = useTranslate();
  return (
    <CreatePage
      title={t('staff.open_account')}
      send={({ owner, type, overdraft }) => ({ owner, type, overdraft: overdraft ?? 0 })}
    >
      <Group title={t('resources.accounts.fields.owner')}>
        <ReferenceInput source="owner" reference="members" perPage={20} sort={{ field: 'username', order: 'ASC' }}>
          <AutocompleteInput validate={required()} filterToQuery={(q: string) => (q ? { q } : {})} />
        </ReferenceInput>
      </Group>
      <Group title={t('staff.terms')}>
        <TypeInput />
        <AmountInput source="overdraft" helperText="staff.overdraft_help" />
      </Group>
    </CreatePage>
  );
}
