import Category from '@mui/icons-material/CategoryOutlined';
import { TypeCreate } from './TypeCreate';
import { TypeEdit } from './TypeEdit';
import { TypeList } from './TypeList';
import { TypeShow } from './TypeShow';

export const accountTypes = {
  name: 'account-types',
  icon: Category,
  list: TypeList,
  show: TypeShow,
  edit: TypeEdit,
  create: TypeCreate,
  recordRepresentation: 'name',
};
