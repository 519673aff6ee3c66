import Edit from '@mui/icons-material/EditOutlined';
import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { type RaRecord, required, SelectInput, TextInput, useRecordContext } from 'react-admin';
import { Link } from 'react-router-dom';
import { api } from '../../api/client';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import type { TypeRecord } from '../api/records';
import { LimitText, Money, TitleField } from '../fields/fields';
import { AmountInput } from '../form/AmountInput';
import { CreatePage, changedFields, EditPage, FormGroup } from '../form/FormPage';
import { LimitInput } from '../form/LimitInput';
import { HistoryCard } from '../history/HistoryCard';
import { useCan } from '../hooks/useCan';
import { Column } from '../list/Column';
import { FacetFilter } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';
import { Card, DescriptionList } from '../record/Card';
import { ShowPage } from '../record/ShowPage';

const link = (code: string) => `/accounts?filter=${encodeURIComponent(JSON.stringify({ type: code }))}`;

function LimitOf({ source }: { source: 'limit_per_transfer' | 'limit_per_day' }) {
  const type = useRecordContext<TypeRecord>();
  return type ? <LimitText minor={type[source]} of={type} /> : null;
}

function Fee() {
  const type = useRecordContext<TypeRecord>();
  return type ? <Money minor={type.fee} of={type} /> : null;
}

export function TypeList() {
  const { t } = useLanguage();
  const panel = (
    <FilterPanel>
      <FacetFilter name="currency" label={t('resources.account-types.fields.currency')} />
    </FilterPanel>
  );
  return (
    <ListPage order="code" searched create panel={panel}>
      <RecordTable>
        <Column source="code">
          <TitleField source="code" resource="account-types" />
        </Column>
        <Column source="name" />
        <Column source="currency" />
        <Column source="limit_per_transfer" align="right">
          <LimitOf source="limit_per_transfer" />
        </Column>
        <Column source="limit_per_day" align="right">
          <LimitOf source="limit_per_day" />
        </Column>
        <Column source="fee" align="right">
          <Fee />
        </Column>
      </RecordTable>
    </ListPage>
  );
}

export function TypeShow() {
  const { t } = useLanguage();
  const can = useCan();
  const field = useFieldNames('account-types');
  return (
    <ShowPage<TypeRecord>
      title={type => type.name}
      note={type => type.code}
      aside={type => (
        <>
          <Button component={Link} to={link(type.code)} color="secondary" variant="outlined">
            {t('staff.itsAccounts')}
          </Button>
          {can('edit', 'account-types') && type.currency !== null && (
            <Button
              component={Link}
              to={`/account-types/${encodeURIComponent(type.code)}`}
              variant="contained"
              startIcon={<Edit />}
            >
              {t('ra.action.edit')}
            </Button>
          )}
        </>
      )}
    >
      {type => (
        <>
          <Card title={t('staff.terms')}>
            <DescriptionList
              rows={[
                [field('code'), type.code],
                [field('currency'), type.currency ?? t('staff.any')],
                [field('limit_per_transfer'), <LimitText key="t" minor={type.limit_per_transfer} of={type} />],
                [field('limit_per_day'), <LimitText key="d" minor={type.limit_per_day} of={type} />],
                [field('fee'), <Money key="f" minor={type.fee} of={type} />],
              ]}
            />
          </Card>
          <HistoryCard object="account_type" id={type.code} />
        </>
      )}
    </ShowPage>
  );
}

const patch = changedFields(['name', 'limit_per_transfer', 'limit_per_day', 'fee']);

function Terms() {
  const { t } = useLanguage();
  return (
    <FormGroup title={t('staff.limits')}>
      <LimitInput source="limit_per_transfer" />
      <LimitInput source="limit_per_day" />
      <AmountInput source="fee" helperText={t('staff.feeHelp')} />
    </FormGroup>
  );
}

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
      <Terms />
    </EditPage>
  );
}

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
      <Terms />
    </CreatePage>
  );
}
