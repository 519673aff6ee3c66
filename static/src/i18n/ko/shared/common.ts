export const common = {
  'common.cancel': '취소',
};
