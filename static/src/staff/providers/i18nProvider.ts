import polyglot from 'ra-i18n-polyglot';
import english from 'ra-language-english';
import { firstLanguage } from '../../i18n';
import { staffEnglish } from '../messages/en';
import { staffKorean } from '../messages/ko';
import { raKorean } from '../messages/react-admin-ko';

const messages = { en: { ...english, ...staffEnglish }, ko: { ra: raKorean, ...staffKorean } };

export const i18nProvider = polyglot(
  locale => messages[locale as 'en' | 'ko'],
  firstLanguage(localStorage.getItem('jangbu.language'), navigator.languages),
  [
    { locale: 'ko', name: '한국어' },
    { locale: 'en', name: 'English' },
  ],
  { allowMissing: false },
);
