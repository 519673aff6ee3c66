import LockClock from '@mui/icons-material/LockClockOutlined';
import SwapHoriz from '@mui/icons-material/SwapHorizOutlined';
import { HoldList } from './HoldList';
import { TransferList } from './TransferList';
import { TransferShow } from './TransferShow';

export const transfers = {
  name: 'transfers',
  icon: SwapHoriz,
  list: TransferList,
  show: TransferShow,
  recordRepresentation: 'id',
};
export const holds = { name: 'holds', icon: LockClock, list: HoldList, show: TransferShow, recordRepresentation: 'id' };
