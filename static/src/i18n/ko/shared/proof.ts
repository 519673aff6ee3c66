export const proof = {
  'proof.title': '본인 확인',
  'proof.words': '비밀번호를 다시 입력하면 하던 일을 이어서 처리합니다.',
  'proof.wordsBoth': '비밀번호와 인증 코드를 다시 입력하면 하던 일을 이어서 처리합니다.',
  'proof.confirm': '확인',
  'proof.useRecovery': '복구 코드로 확인',
  'proof.useTotp': '인증 앱으로 확인',
};
