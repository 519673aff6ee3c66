import People from '@mui/icons-material/PeopleOutlined';
import type { MemberRecord } from '../api/records';
import { MemberCreate } from './MemberCreate';
import { MemberEdit } from './MemberEdit';
import { MemberList } from './MemberList';
import { MemberShow } from './MemberShow';

export const members = {
  name: 'members',
  icon: People,
  list: MemberList,
  show: MemberShow,
  edit: MemberEdit,
  create: MemberCreate,
  recordRepresentation: (member: MemberRecord) => `${member.name} (${member.username})`,
};
