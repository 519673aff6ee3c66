import Wallet from '@mui/icons-material/AccountBalanceWalletOutlined';
import Typography from '@mui/material/Typography';
import { BooleanInput, Button, Confirm, DataTable, Edit, Labeled, List, NumberInput, ReferenceInput, SearchInput, SelectInput, SimpleForm, TextInput, useCanAccess, useListContext, useNotify, useRefresh, useTranslate } from 'react-admin';
import { useState } from 'react';
import { send } from '../../api/http';
import { Actions, Amount, Counted, State, Time } from '../fields';
import { History } from '../History';

/** Freezes or unfreezes what is selected, after a question, and says of how many it did. */
function Bulk({ action }: { action: 'freeze' | 'unfreeze' }) {
  const t = useTranslate();
  const notify = useNotify();
  const refresh = useRefresh();
  const { selectedIds, onUnselectItems } = useListContext();
  const [asking, ask] = useState(false);
  const run = async () => {
    ask(false);
    try {
      const { data } = await send<{ data: { problem?: unknown; error?: unknown }[] }>('POST', '/admin/accounts/bulk', { body: { numbers: selectedIds.map(String), action } });
      const failed = data.filter(item => item.problem ?? item.error).length;
      notify(failed ? t('staff.bulk_failed', { count: failed }) : t('staff.bulk_done', { count: data.length }), { type: failed ? 'warning' : 'success' });
    } catch (error) {
      notify(String((error as Error).message), { type: 'error' });
    }
    onUnselectItems();
    refresh();
  };
  return (
    <>
      <Button label={t(`staff.${action}`)} onClick={() => ask(true)} />
      <Confirm isOpen={asking} title={t(`staff.${action}`)} content={t('staff.confirm_bulk', { count: selectedIds.length })} onConfirm={() => void run()} onClose={() => ask(false)} />
    </>
  );
}

function AccountList() {
  const { canAccess } = useCanAccess({ action: 'edit', resource: 'accounts' });
  return (
    <List actions={<Actions />} filters={[
      <SearchInput key="q" source="q" alwaysOn />, <SelectInput key="status" source="status" choices={['open', 'frozen', 'closed'].map(id => ({ id, name: id }))} />,
      <TextInput key="currency" source="currency" />, <BooleanInput key="own" source="own_limits" />,
    ]} sort={{ field: 'number', order: 'ASC' }} perPage={25} empty={false}>
      <Counted column="status" /><Counted column="type" />
      <DataTable bulkActionButtons={canAccess ? <><Bulk action="freeze" /><Bulk action="unfreeze" /></> : false}>
        <DataTable.Col source="number" /><DataTable.Col source="owner.username" disableSort /><DataTable.Col source="type.name" disableSort />
        <DataTable.Col source="status"><State source="status" /></DataTable.Col>
        <DataTable.NumberCol source="posted"><Amount source="posted" /></DataTable.NumberCol>
        <DataTable.NumberCol source="held"><Amount source="held" /></DataTable.NumberCol>
        <DataTable.NumberCol source="available"><Amount source="available" /></DataTable.NumberCol>
        <DataTable.Col source="opened_at"><Time source="opened_at" /></DataTable.Col>
      </DataTable>
    </List>
  );
}

type Form = Record<string, unknown> & { type?: { code: string } | string };
const flat = (data: Form) => ({ ...data, type: typeof data.type === 'object' ? data.type.code : data.type });

function AccountEdit() {
  const t = useTranslate();
  return (
    <Edit mutationMode="pessimistic" redirect="list" transform={(data: Form) => data} queryOptions={{ select: (answer: { data: Form }) => ({ ...answer, data: flat(answer.data) }) } as never}>
      <SimpleForm>
        <Typography variant="h2">{t('staff.computed')}</Typography>
        <Labeled source="posted"><Amount source="posted" /></Labeled><Labeled source="available"><Amount source="available" /></Labeled><Labeled source="left_today"><Amount source="left_today" /></Labeled>
        <Typography variant="h2" sx={{ mt: 2 }}>{t('staff.terms')}</Typography>
        <ReferenceInput source="type" reference="account-types"><SelectInput optionText="name" /></ReferenceInput>
        <NumberInput source="overdraft" min={0} />
        <Typography variant="h2" sx={{ mt: 2 }}>{t('staff.limits')}</Typography>
        <NumberInput source="own_limit_per_transfer" min={-1} helperText={t('staff.own_limit_help')} /><NumberInput source="own_limit_per_day" min={-1} helperText={t('staff.own_limit_help')} />
        <Typography variant="h2" sx={{ mt: 2 }}>{t('staff.state')}</Typography>
        <BooleanInput source="frozen.debits" /><BooleanInput source="frozen.credits" /><BooleanInput source="close" defaultValue={false} />
        <History object="account" />
      </SimpleForm>
    </Edit>
  );
}

export const accounts = { name: 'accounts', icon: Wallet, list: AccountList, edit: AccountEdit, recordRepresentation: 'number' };
