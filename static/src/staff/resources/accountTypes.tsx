import Category from '@mui/icons-material/CategoryOutlined';
import { Create, DataTable, Edit, List, NumberInput, required, SearchInput, SimpleForm, TextInput } from 'react-admin';
import { Actions, Amount, Counted } from '../fields';
import { History } from '../History';

function TypeList() {
  return (
    <List actions={<Actions create />} filters={[<SearchInput key="q" source="q" alwaysOn />]} sort={{ field: 'code', order: 'ASC' }} empty={false}>
      <Counted column="currency" />
      <DataTable bulkActionButtons={false}>
        <DataTable.Col source="code" /><DataTable.Col source="name" /><DataTable.Col source="currency" />
        {['limit_per_transfer', 'limit_per_day', 'fee'].map(source => <DataTable.NumberCol key={source} source={source}><Amount source={source} /></DataTable.NumberCol>)}
      </DataTable>
    </List>
  );
}

const fields = (
  <>
    <TextInput source="name" validate={required()} />
    <NumberInput source="limit_per_transfer" min={0} /><NumberInput source="limit_per_day" min={0} /><NumberInput source="fee" min={0} validate={required()} />
  </>
);

const TypeEdit = () => <Edit mutationMode="pessimistic" redirect="list"><SimpleForm><TextInput source="code" readOnly />{fields}<History object="account_type" /></SimpleForm></Edit>;
const TypeCreate = () => <Create redirect="list"><SimpleForm><TextInput source="code" validate={required()} /><TextInput source="currency" defaultValue="KRW" validate={required()} />{fields}</SimpleForm></Create>;

export const accountTypes = { name: 'account-types', icon: Category, list: TypeList, edit: TypeEdit, create: TypeCreate, recordRepresentation: 'name' };
