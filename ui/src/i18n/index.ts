/**
 * Texts of the window in Chinese and English. Chinese is the source of the keys; English has the
 * same shape by type and by test. Labels of records and fields come from the catalog instead.
 */
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import i18next, { type TFunction } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';
import { type Texts, zhCN } from './zh-CN';

export type Language = 'zh-CN' | 'en';
export type { TFunction };

export const LANGUAGES: { value: Language; label: string }[] = [
  { value: 'zh-CN', label: '简体中文' },
  { value: 'en', label: 'English' },
];

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: Texts };
    returnNull: false;
    contextSeparator: '@';
  }
}

export const i18n = i18next;

void i18n.use(initReactI18next).init({
  resources: { 'zh-CN': { translation: zhCN }, en: { translation: en } },
  lng: 'zh-CN',
  fallbackLng: 'zh-CN',
  interpolation: { escapeValue: false },
  initAsync: false,
  returnNull: false,
  // Codes of the core hold underscores, which are not contexts.
  contextSeparator: '@',
});

// Labels of records are written large; inside an English sentence they are words like others.
i18n.services.formatter?.add('lower', (text: string) => text.toLowerCase());

export const asLanguage = (language: string): Language => (language === 'en' ? 'en' : 'zh-CN');

/** The desktop's language where Ketu speaks it, else Chinese. */
export function desktopLanguage(): Language {
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh-CN';
}

export function showLanguage(language: Language): void {
  dayjs.locale(language === 'en' ? 'en' : 'zh-cn');
  document.documentElement.lang = language;
  document.title = language === 'en' ? 'Ketu' : '客途';
  if (i18n.language !== language) void i18n.changeLanguage(language);
}
