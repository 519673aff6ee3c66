import Category from '@mui/icons-material/CategoryOutlined';
import { TypeCreate, TypeEdit, TypeList, TypeShow } from './TypePages';

export const accountTypes = {
  name: 'account-types',
  icon: Category,
  list: TypeList,
  show: TypeShow,
  edit: TypeEdit,
  create: TypeCreate,
  recordRepresentation: 'name',
};
