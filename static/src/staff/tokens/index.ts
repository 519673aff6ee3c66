import Key from '@mui/icons-material/VpnKeyOutlined';
import { TokenList } from './TokenList';

export const tokens = { name: 'tokens', icon: Key, list: TokenList, recordRepresentation: 'name' };
