/** Codes of the core in the words of the window. */
import { i18n } from '../../i18n';
import { type FieldError, TransportError } from '../../transport/transport';

const TEXTS: object = i18n.getResourceBundle('zh-CN', 'translation').errors;

/** True where the window has a sentence for the code. */
export const isKnownCode = (code: string): boolean => Object.hasOwn(TEXTS, code);

/** The sentence for a code; a general one where the code is not known. */
export function codeText(code: string, params: Record<string, string | undefined> = {}): string {
  const key = isKnownCode(code) ? (code as 'unknown') : 'unknown';
  return i18n.t(`errors.${key}`, params);
}

/** The sentence for anything thrown, with the reason of the first refused field. */
export function errorText(thrown: unknown): string {
  const error = TransportError.from(thrown);
  const first = error.errors[0];
  return error.code === 'invalid' && first
    ? codeText(first.code, first.params)
    : codeText(error.code, error.params);
}

/** The code to copy, where the sentence alone does not say enough. */
export function unknownCode(thrown: unknown): string | undefined {
  const { code } = TransportError.from(thrown);
  return isKnownCode(code) ? undefined : code;
}

export const fieldErrorText = (error: FieldError): string => codeText(error.code, error.params);
