import { useState } from 'react';
import {
  BooleanInput,
  email,
  maxLength,
  NumberInput,
  type RaRecord,
  required,
  SelectInput,
  type SelectInputProps,
  TextInput,
  useRedirect,
} from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { CreatePage, changedFields, EditPage, FormGroup } from '../form/FormPage';
import { OneTimePasswordDialog } from './OneTimePasswordDialog';

const ROLES = ['member', 'teller', 'auditor', 'admin'] as const;

function RoleInput(props: Partial<SelectInputProps>) {
  const { t } = useLanguage();
  const choices = ROLES.map(id => ({ id, name: t(`staff.role.${id}`) }));
  return <SelectInput {...props} source="role" choices={choices} translateChoice={false} validate={required()} />;
}

/** What can be changed of a member. */
export function MemberEdit() {
  const { t } = useLanguage();
  return (
    <EditPage
      title={member => String(member.name || member.username)}
      patch={changedFields(['name', 'email', 'role', 'disabled', 'free_transfers_per_day', 'household'])}
    >
      <FormGroup title={t('staff.profile')}>
        <TextInput source="username" readOnly helperText={t('staff.fixed')} />
        <TextInput source="name" validate={required()} />
        <TextInput source="email" validate={email()} />
      </FormGroup>
      <FormGroup title={t('staff.standing')} note={t('staff.standingNote')}>
        <RoleInput />
        <NumberInput size="medium" source="free_transfers_per_day" min={0} step={1} validate={required()} />
        <TextInput
          size="medium"
          source="household"
          helperText={t('staff.householdMore')}
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
  const { t } = useLanguage();
  const redirect = useRedirect();
  const [made, setMade] = useState<RaRecord>();
  return (
    <>
      <CreatePage
        title={t('staff.newMember')}
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
          <TextInput source="username" validate={required()} helperText={t('staff.usernameHelp')} />
          <TextInput source="name" validate={required()} />
          <TextInput source="email" validate={[required(), email()]} />
        </FormGroup>
        <FormGroup title={t('staff.standing')}>
          <RoleInput defaultValue="member" />
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
