import type { TranslationMessages } from 'ra-core';

/** react-admin's own texts in Korean, for every key of its English ones. */
export const raKorean: TranslationMessages['ra'] = {
  action: {
    add_filter: '필터 추가', add: '추가', back: '뒤로', bulk_actions: '%{smart_count}개 선택', cancel: '취소', clear_array_input: '목록 비우기', clear_input_value: '값 지우기', clone: '복제', confirm: '확인', create: '만들기', create_item: '%{item} 만들기', delete: '삭제', edit: '수정', export: '내보내기', list: '목록', refresh: '새로 고침', remove_filter: '이 필터 지우기', remove_all_filters: '필터 모두 지우기', remove: '지우기', reset: '되돌리기', save: '저장', search: '검색', search_columns: '열 검색', select_all: '모두 선택', select_all_button: '모두 선택', select_row: '이 행 선택', show: '보기', sort: '정렬', undo: '실행 취소', unselect: '선택 해제', expand: '펼치기', close: '닫기', open_menu: '메뉴 열기', close_menu: '메뉴 닫기', update: '변경', move_up: '위로', move_down: '아래로', open: '열기', toggle_theme: '밝게/어둡게 전환', select_columns: '열', update_application: '다시 불러오기',
  },
  boolean: { true: '예', false: '아니요', null: ' ' },
  page: { create: '%{name} 만들기', dashboard: '현황', edit: '%{name} %{recordRepresentation}', error: '문제가 생겼습니다', list: '%{name}', loading: '불러오는 중', not_found: '찾을 수 없음', show: '%{name} %{recordRepresentation}', empty: '%{name} 없음', invite: '새로 만드시겠습니까?', access_denied: '권한 없음', authentication_error: '인증 오류' },
  input: {
    file: { upload_several: '파일을 끌어 놓거나 눌러서 고르세요.', upload_single: '파일을 끌어 놓거나 눌러서 고르세요.' },
    image: { upload_several: '그림을 끌어 놓거나 눌러서 고르세요.', upload_single: '그림을 끌어 놓거나 눌러서 고르세요.' },
    references: { all_missing: '참조한 자료를 찾을 수 없습니다.', many_missing: '참조한 자료 가운데 없어진 것이 있습니다.', single_missing: '참조한 자료가 없어졌습니다.' },
    password: { toggle_visible: '비밀번호 숨기기', toggle_hidden: '비밀번호 보기' },
  },
  message: {
    about: '정보', access_denied: '이 페이지를 볼 권한이 없습니다', are_you_sure: '계속할까요?', authentication_error: '인증을 확인하지 못했습니다.', auth_error: '인증을 확인하지 못했습니다.', bulk_delete_content: '%{smart_count}개를 삭제할까요?', bulk_delete_title: '%{name} %{smart_count}개 삭제', bulk_update_content: '%{smart_count}개를 변경할까요?', bulk_update_title: '%{name} %{smart_count}개 변경', clear_array_input: '목록을 비울까요?', delete_content: '%{name} 항목을 삭제할까요?', delete_title: '%{name} %{recordRepresentation} 삭제', details: '자세히', error: '오류가 생겨 처리하지 못했습니다.', invalid_form: '입력한 내용을 확인하세요', loading: '잠시 기다리세요', no: '아니요', not_found: '주소가 잘못되었습니다.', select_all_limit_reached: '너무 많아 처음 %{max}개만 선택했습니다.', unsaved_changes: '저장하지 않은 내용이 있습니다. 그대로 나갈까요?', yes: '예', placeholder_data_warning: '네트워크 문제로 새로 고치지 못했습니다.',
  },
  navigation: {
    clear_filters: '필터 지우기', no_filtered_results: '조건에 맞는 %{name} 없음', no_results: '%{name} 없음', no_more_results: '%{page}쪽은 없습니다. 앞쪽으로 가세요.', page_out_of_boundaries: '%{page}쪽은 없습니다', page_out_from_end: '마지막 쪽입니다', page_out_from_begin: '첫 쪽입니다', page_range_info: '%{total}개 중 %{offsetBegin}–%{offsetEnd}', partial_page_range_info: '%{offsetBegin}–%{offsetEnd}, 더 있음', current_page: '%{page}쪽', page: '%{page}쪽으로', first: '첫 쪽으로', last: '마지막 쪽으로', next: '다음 쪽으로', previous: '이전 쪽으로', page_rows_per_page: '쪽당 행 수:', skip_nav: '본문으로 건너뛰기',
  },
  sort: { sort_by: '%{field} %{order} 정렬', ASC: '오름차순', DESC: '내림차순' },
  auth: { auth_check_error: '로그인하세요', user_menu: '내 정보', username: '아이디', password: '비밀번호', email: '이메일', sign_in: '로그인', sign_in_error: '로그인하지 못했습니다', logout: '로그아웃' },
  notification: { updated: '변경했습니다', created: '만들었습니다', deleted: '삭제했습니다', bad_item: '잘못된 항목입니다', item_doesnt_exist: '없는 항목입니다', http_error: '서버와 통신하지 못했습니다', data_provider_error: '자료를 처리하지 못했습니다.', i18n_error: '언어 자료를 불러오지 못했습니다', canceled: '취소했습니다', logged_out: '로그인 시간이 끝났습니다.', not_authorized: '권한이 없습니다.', application_update_available: '새 버전이 있습니다.', offline: '연결되어 있지 않습니다.' },
  validation: { required: '필수입니다', minLength: '%{min}자 이상이어야 합니다', maxLength: '%{max}자까지입니다', minValue: '%{min} 이상이어야 합니다', maxValue: '%{max} 이하여야 합니다', number: '숫자여야 합니다', email: '이메일 주소여야 합니다', oneOf: '다음 중 하나여야 합니다: %{options}', regex: '형식이 맞지 않습니다: %{pattern}', unique: '이미 있는 값입니다' },
  saved_queries: { label: '저장한 검색', query_name: '이름', new_label: '지금 검색 저장…', new_dialog_title: '검색 저장', remove_label: '저장한 검색 삭제', remove_label_with_name: '“%{name}” 삭제', remove_dialog_title: '저장한 검색을 삭제할까요?', remove_message: '이 검색을 목록에서 삭제할까요?', help: '목록을 거른 뒤 저장해 두고 쓰세요' },
  guesser: { empty: { title: '자료 없음', message: '자료를 확인하세요' } },
  configurable: {
    customize: '맞춤 설정', configureMode: '이 페이지 맞춤 설정', inspector: { title: '설정', content: '설정할 부분을 가리키세요', reset: '초기화', hideAll: '모두 숨기기', showAll: '모두 보이기' },
    Datagrid: { title: '표', unlabeled: '이름 없는 열 %{column}' }, SimpleForm: { title: '양식', unlabeled: '이름 없는 입력 %{input}' }, SimpleList: { title: '목록', primaryText: '제목', secondaryText: '설명', tertiaryText: '덧붙임' },
  },
};
