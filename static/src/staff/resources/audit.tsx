import FactCheck from '@mui/icons-material/FactCheckOutlined';
import { DataTable, FunctionField, List, SearchInput, TextInput } from 'react-admin';
import { Actions, Time } from '../fields';
import { type Change, difference } from '../History';

function AuditList() {
  return (
    <List actions={<Actions />} filters={[<SearchInput key="q" source="q" alwaysOn />, <TextInput key="action" source="action" />, <TextInput key="object" source="object" />]} sort={{ field: 'at', order: 'DESC' }} perPage={50} empty={false}>
      <DataTable bulkActionButtons={false} rowClick={false}>
        <DataTable.Col source="at"><Time source="at" /></DataTable.Col><DataTable.Col source="username" /><DataTable.Col source="role" /><DataTable.Col source="action" /><DataTable.Col source="object" /><DataTable.Col source="object_id" />
        <DataTable.Col source="after" disableSort><FunctionField render={(record: Change) => difference(record)} /></DataTable.Col><DataTable.Col source="address" />
      </DataTable>
    </List>
  );
}

export const audit = { name: 'audit', icon: FactCheck, list: AuditList };
