import { required, SelectInput, type SelectInputProps } from 'react-admin';
import { useLanguage } from '../../i18n/staff';

const ROLES = ['member', 'teller', 'auditor', 'admin'] as const;

export function RoleInput(props: Partial<SelectInputProps>) {
  const { t } = useLanguage();
  const choices = ROLES.map(id => ({ id, name: t(`staff.role.${id}`) }));
  return <SelectInput {...props} source="role" choices={choices} translateChoice={false} validate={required()} />;
}
