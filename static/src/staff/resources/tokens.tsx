import Key from '@mui/icons-material/VpnKeyOutlined';
import { DataTable, DeleteButton, FunctionField, List, type RaRecord, SearchInput, useCanAccess } from 'react-admin';
import { Actions, Time } from '../fields';

function TokenList() {
  const { canAccess } = useCanAccess({ action: 'delete', resource: 'tokens' });
  return (
    <List actions={<Actions />} filters={[<SearchInput key="q" source="q" alwaysOn />]} sort={{ field: 'created_at', order: 'DESC' }} empty={false}>
      <DataTable bulkActionButtons={false} rowClick={false}>
        <DataTable.Col source="name" /><DataTable.Col source="username" />
        <DataTable.Col source="scopes" disableSort><FunctionField render={(record: RaRecord) => (record.scopes as string[] | undefined)?.join(', ')} /></DataTable.Col>
        {['created_at', 'expires_at', 'last_used_at'].map(source => <DataTable.Col key={source} source={source}><Time source={source} /></DataTable.Col>)}
        {canAccess && <DataTable.Col label="" disableSort><DeleteButton mutationMode="pessimistic" label="staff.revoke" /></DataTable.Col>}
      </DataTable>
    </List>
  );
}

export const tokens = { name: 'tokens', icon: Key, list: TokenList };
