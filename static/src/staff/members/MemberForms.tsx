import { useState } from 'react';
import {
  BooleanInput,
  email,
  maxLength,
  NumberInput,
  type RaRecord,
  required,
  SelectInput,
  TextInput,
  useRedirect,
  useTranslate,
} from 'react-admin';
import { CreatePage, changedFields, EditPage, FormGroup } from '../form/FormPage';
import { OneTimePasswordDialog } from './OneTimePasswordDialog';

const ROLES = ['member', 'teller', 'auditor', 'admin'].map(id => ({ id, name: `staff.role.${id}` }));

/** What can be changed of a member. */
export function MemberEdit() {
  const t = useTranslate();
  return (
    <EditPage
      title={member => String(member.name || member.username)}
      patch={changedFields(['name', 'email', 'role', 'disabled', 'free_transfers_per_day', 'household'])}
    >
      <FormGroup title={t('staff.profile')}>
        <TextInput source="username" readOnly helperText="staff.fixed" />
        <TextInput source="name" validate={required()} />
        <TextInput source="email" validate={email()} />
      </FormGroup>
      <FormGroup title={t('staff.standing')} note={t('staff.standing_note')}>
        <SelectInput source="role" choices={ROLES} validate={required()} />
        <NumberInput size="medium" source="free_transfers_per_day" min={0} step={1} validate={required()} />
        <TextInput
          size="medium"
          source="household"
          helperText="staff.household_more"
          validate={maxLength(40)}
          parse={(text: string) => text || null}
        />
        <BooleanInput source="disabled" />
      </FormGroup>
    </EditPage>
  );
}

/** A new member, who gets a password for the first sign-in. */
export function MemberCreate() {
  const t = useTranslate();
  const redirect = useRedirect();
  const [made, setMade] = useState<RaRecord>();
  return (
    <>
      <CreatePage
        title={t('staff.new_member')}
        onMade={setMade}
        send={({ username, name, email: address, role, free_transfers_per_day: free }) => ({
          username,
          name,
          email: address ?? '',
          role,
          free_transfers_per_day: free,
        })}
      >
        <FormGroup title={t('staff.profile')}>
          <TextInput source="username" validate={required()} helperText="staff.username_help" />
          <TextInput source="name" validate={required()} />
          <TextInput source="email" validate={[required(), email()]} />
        </FormGroup>
        <FormGroup title={t('staff.standing')}>
          <SelectInput source="role" choices={ROLES} defaultValue="member" validate={required()} />
          <NumberInput
            size="medium"
            source="free_transfers_per_day"
            min={0}
            step={1}
            defaultValue={3}
            validate={required()}
          />
        </FormGroup>
      </CreatePage>
      <OneTimePasswordDialog
        username={String(made?.username ?? '')}
        password={String(made?.one_time_password ?? '')}
        onClose={() => redirect('show', 'members', made?.id)}
      />
    </>
  );
}
