import SwapHoriz from '@mui/icons-material/SwapHorizOutlined';
import { Button, Confirm, DataTable, DateInput, Labeled, List, SelectInput, Show, SimpleShowLayout, TextField, TextInput, TopToolbar, useNotify, usePermissions, useRecordContext, useRefresh, useTranslate } from 'react-admin';
import { useRef, useState } from 'react';
import { send } from '../../api/http';
import { newKey } from '../../send/attempt';
import { Actions, Amount, Counted, State, Time } from '../fields';

const states = ['pending', 'held', 'posted', 'cancelled', 'rejected', 'expired', 'refused'];

function TransferList() {
  return (
    <List actions={<Actions />} filters={[
      <TextInput key="account" source="account" alwaysOn />, <SelectInput key="status" source="status" choices={states.map(id => ({ id, name: id }))} />, <TextInput key="label" source="label" />,
      <DateInput key="since" source="since" />, <DateInput key="until" source="until" />,
    ]} sort={{ field: 'created_at', order: 'DESC' }} empty={false}>
      <Counted column="status" />
      <DataTable bulkActionButtons={false} rowClick="show">
        <DataTable.Col source="created_at"><Time source="created_at" /></DataTable.Col><DataTable.Col source="kind" disableSort /><DataTable.Col source="status" disableSort><State source="status" /></DataTable.Col>
        <DataTable.Col source="from" disableSort /><DataTable.Col source="to" disableSort />
        <DataTable.NumberCol source="amount"><Amount source="amount" /></DataTable.NumberCol><DataTable.NumberCol source="fee" disableSort><Amount source="fee" /></DataTable.NumberCol>
      </DataTable>
    </List>
  );
}

/** What was booked is not changed: the money goes back by a transfer of its own. */
function Reverse() {
  const t = useTranslate();
  const notify = useNotify();
  const refresh = useRefresh();
  const record = useRecordContext();
  const { permissions } = usePermissions<string>();
  const [asking, ask] = useState(false);
  const key = useRef(newKey());
  if (record?.status !== 'posted' || !(permissions === 'teller' || permissions === 'admin')) return null;
  const run = async () => {
    ask(false);
    try {
      await send('POST', `/transfers/${record.id}/reverse`, { body: {}, key: key.current });
      notify(t('staff.reversed'), { type: 'success' });
      refresh();
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
  };
  return (
    <TopToolbar>
      <Button label={t('staff.reverse')} onClick={() => ask(true)} />
      <Confirm isOpen={asking} title={t('staff.reverse')} content={t('staff.reverse_words')} onConfirm={() => void run()} onClose={() => ask(false)} />
    </TopToolbar>
  );
}

function TransferShow() {
  return (
    <Show actions={<Reverse />}>
      <SimpleShowLayout>
        <TextField source="id" /><Labeled source="created_at"><Time source="created_at" /></Labeled><TextField source="kind" /><Labeled source="status"><State source="status" /></Labeled>
        <TextField source="from" /><TextField source="to" /><Labeled source="amount"><Amount source="amount" /></Labeled><Labeled source="fee"><Amount source="fee" /></Labeled>
        <TextField source="sender_label" /><TextField source="receiver_label" /><TextField source="reference" />
      </SimpleShowLayout>
    </Show>
  );
}

export const transfers = { name: 'transfers', icon: SwapHoriz, list: TransferList, show: TransferShow, recordRepresentation: 'id' };
