import People from '@mui/icons-material/PeopleOutlined';
import { BooleanField, BooleanInput, DataTable, Edit, email, List, NumberInput, SearchInput, SelectInput, SimpleForm, TextInput, useTranslate } from 'react-admin';
import { Actions, Counted, State, Time } from '../fields';
import { History } from '../History';

const roles = ['member', 'teller', 'auditor', 'admin'];

function MemberList() {
  return (
    <List actions={<Actions />} filters={[<SearchInput key="q" source="q" alwaysOn />, <SelectInput key="role" source="role" choices={roles.map(id => ({ id, name: `staff.role.${id}` }))} />, <BooleanInput key="disabled" source="disabled" />]} sort={{ field: 'joined_at', order: 'DESC' }} perPage={25} empty={false}>
      <Counted column="role" />
      <DataTable bulkActionButtons={false}>
        <DataTable.Col source="username" /><DataTable.Col source="name" /><DataTable.Col source="email" />
        <DataTable.Col source="role"><State source="role" /></DataTable.Col>
        <DataTable.Col source="totp" disableSort><BooleanField source="totp" /></DataTable.Col>
        <DataTable.Col source="disabled"><BooleanField source="disabled" /></DataTable.Col>
        <DataTable.Col source="joined_at"><Time source="joined_at" /></DataTable.Col>
      </DataTable>
    </List>
  );
}

function MemberEdit() {
  const t = useTranslate();
  return (
    <Edit mutationMode="pessimistic" redirect="list">
      <SimpleForm>
        <TextInput source="username" readOnly /><TextInput source="name" /><TextInput source="email" validate={email()} />
        <SelectInput source="role" choices={roles.map(id => ({ id, name: t(`staff.role.${id}`) }))} />
        <NumberInput source="free_transfers_per_day" min={0} /><BooleanInput source="disabled" />
        <History object="member" />
      </SimpleForm>
    </Edit>
  );
}

export const members = { name: 'members', icon: People, list: MemberList, edit: MemberEdit, recordRepresentation: 'username' };
