export const proof = {
  'proof.title': '본인 확인',
  'proof.words': '비밀번호를 다시 입력하면 하던 일을 이어서 처리합니다.',
  'proof.wordsBoth': '비밀번호와 인증 코드를 다시 입력하면 하던 일을 이어서 처리합니다.',
  'proof.confirm': '확인',
  'proof.useRecovery': '복구 코드로 확인',
  'proof.useTotp': '인증 앱으로 확인',
  'proof.factorDue': '2단계 인증 설정',
  'proof.factorDueLead':
    '담당 업무에는 2단계 인증이 필요합니다. 설정하기 전에는 다른 일을 할 수 없습니다. 휴대전화에 인증 앱을 준비하세요.',
  'proof.factorBegin': '시작하기',
};
