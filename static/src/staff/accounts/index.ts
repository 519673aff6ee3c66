import Wallet from '@mui/icons-material/AccountBalanceWalletOutlined';
import { AccountCreate } from './AccountCreate';
import { AccountEdit } from './AccountEdit';
import { AccountList } from './AccountList';
import { AccountShow } from './AccountShow';

export const accounts = {
  name: 'accounts',
  icon: Wallet,
  list: AccountList,
  show: AccountShow,
  edit: AccountEdit,
  create: AccountCreate,
  recordRepresentation: 'number',
};
