export const credentials = {
  'credentials.password': '비밀번호',
  'credentials.show': '비밀번호 보기',
  'credentials.hide': '비밀번호 숨기기',
  'credentials.totp': '인증 앱의 코드',
  'credentials.recoveryCode': '복구 코드',
};
