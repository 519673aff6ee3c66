export const identity = {
  'identity.title': '지금은 {name} 님이 로그인되어 있습니다',
  'identity.nameless': '지금은 다른 사람이 로그인되어 있습니다',
  'identity.words':
    '이 페이지는 처음 연 사람의 것이어서 더 이상 아무것도 보내지 않습니다. 지금 로그인한 사람으로 계속하려면 새로 고치세요.',
  'identity.reload': '새로 고침',
  'identity.unconfirmed': '누가 로그인되어 있는지 확인하는 중',
};
