import { ReferenceInput, required, SelectInput } from 'react-admin';

export function TypeInput() {
  return (
    <ReferenceInput source="type" reference="account-types" perPage={200} sort={{ field: 'code', order: 'ASC' }}>
      <SelectInput optionText="name" validate={required()} />
    </ReferenceInput>
  );
}
